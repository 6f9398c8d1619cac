"""How jupyter_client starts and addresses a kernel of ours. No kernelspec folder and no entry point is needed."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import Empty
from typing import Any, Final

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Any as AnyTrait

from .launch import Process

#: Seconds: a kernel that was asked to end gets half of them, then SIGTERM, then the other half, then SIGKILL.
ENDING: Final = 40


@dataclass(slots=True)
class Cradle:
    """What one kernel starts from, and its process once it has started.

    `start` takes the kernel's arguments and the log's descriptor; `sockets` is a short private folder, because the path
    of a Unix socket has at most 107 bytes.
    """

    start: Callable[[Sequence[str], int], Process]
    sockets: Path
    connection: Path
    log: Path
    process: Process | None = None


class EvidenceProvisioner(LocalProvisioner):
    """LocalProvisioner, but for the launch: it would copy the runner's whole environment into the kernel."""

    cradle = AnyTrait()

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Start the kernel; `kwargs["env"]`, the runner's environment, is dropped."""
        log = os.open(self.cradle.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            self.cradle.process = self.cradle.start(cmd[1:], log)
        finally:
            os.close(log)
        self.process = self.cradle.process
        self.pid = self.pgid = self.process.pid
        return self.connection_info


class EvidenceClient(AsyncKernelClient):
    """jupyter_client's, but for the wait at the start: it goes on until a fifth of a second has brought no message.

    Nobody needs that silence: nbclient goes by the request that a message answers, and passes over older ones.
    """

    async def _async_wait_for_ready(self, timeout: float | None = None) -> None:
        """Return once both channels carry. Raises RuntimeError after `timeout` seconds, or when the kernel died."""
        end = time.monotonic() + (timeout or float("inf"))
        while time.monotonic() < end:
            self.kernel_info()
            try:
                reply = await self.shell_channel.get_msg(timeout=1)
                # A subscription takes its time to arrive; what was published before it did is not seen.
                await self.iopub_channel.get_msg(timeout=0.05)
            except Empty:
                if not await self._async_is_alive():
                    raise RuntimeError("the kernel died before its first answer") from None
                continue
            if reply["msg_type"] == "kernel_info_reply":
                self._handle_kernel_info_reply(reply)
                return
        raise RuntimeError("the kernel gave no answer")

    wait_for_ready = _async_wait_for_ready


class EvidenceManager(AsyncKernelManager):
    """Starts one kernel, encrypted, from a cradle, and never restarts it."""

    cradle = AnyTrait()
    client_factory = EvidenceClient

    def __init__(self, cradle: Cradle) -> None:
        super().__init__()
        self.cradle = cradle
        self.connection_file = str(cradle.connection)
        self.transport_encryption = "required"
        self.shutdown_wait_time = ENDING
        if sys.platform != "win32":
            self.transport, self.ip = "ipc", str(cradle.sockets / "k")

    @property
    def kernel_spec(self) -> KernelSpec:
        """A spec of our own: the first word only stands for the program, which `Cradle.start` knows."""
        return KernelSpec(
            argv=["kernel", "-f", "{connection_file}", "--HistoryManager.enabled=False"],
            language="python",
            metadata={"supported_encryption": "curve"},
        )

    @property
    def ipykernel(self) -> bool:
        """False, or nbclient adds an argument for a history file."""
        return False

    async def _async_interrupt_kernel(self) -> None:
        """Nothing: before every shutdown a signal would go out, and a kernel still tidying up after its last cell may
        die of it. A kernel that must stop at once is killed."""

    async def _async_pre_start_kernel(self, **kwargs: Any) -> tuple[list[str], dict[str, Any]]:
        self.provisioner = EvidenceProvisioner(kernel_spec=self.kernel_spec, parent=self, cradle=self.cradle)
        return await super()._async_pre_start_kernel(**kwargs)
