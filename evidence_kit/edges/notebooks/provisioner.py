"""How jupyter_client starts and addresses a kernel of ours. No kernelspec folder and no entry point is needed."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

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


class EvidenceManager(AsyncKernelManager):
    """Starts one kernel, encrypted, from a cradle, and never restarts it."""

    cradle = AnyTrait()

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
