"""rdna-installer: PyTorch and ROCm on AMD GPUs, configured from evidence, applied in one transaction."""

__version__ = "0.1.0"
