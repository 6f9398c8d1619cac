"""An evidence kit for data-protection audits: from the source, through a frozen population, to a sealed bundle."""

__version__ = "0.1.0"
