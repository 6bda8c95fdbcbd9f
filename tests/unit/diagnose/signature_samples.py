"""For each signature: lines as the component's source prints them, and lines that only look alike.

``LOOKALIKE`` must give no finding of that signature. Where text counts only in a log about AMD software, the sample
brings such a line along.
"""

from __future__ import annotations

AMD = "amdgpu 0000:03:00.0: amdgpu: added\n"
GUILTY = "MIOpen Error: /root/MIOpen/src"

SAMPLES: dict[str, tuple[str, ...]] = {
    "secure-boot-rejected": (
        "modprobe: ERROR: could not insert 'amdgpu': Key was rejected by service",
        "modprobe: ERROR: could not insert 'amdttm': Required key not available",
    ),
    "secure-boot-lockdown": (
        AMD + "Lockdown: modprobe: unsigned module loading is restricted; see man kernel_lockdown.7",
        AMD + "Loading of unsigned module is rejected",
    ),
    "module-unsigned": ("amdgpu: module verification failed: signature and/or required key missing - tainting kernel",),
    "firmware-file-missing": (
        "amdgpu 0000:03:00.0: Direct firmware load for amdgpu/navi10_gpu_info.bin failed with error -2",
        'amdgpu 0000:03:00.0: amdgpu: Failed to get gpu_info firmware "amdgpu/vega10_gpu_info.bin"',
        'gfx10: Failed to load firmware "amdgpu/navi10_ce.bin"',
        "[drm] failed to load ucode SDMA0(0x1) ",
        "amdgpu 0000:04:00.0: amdgpu: fail to request/validate toc microcode",
        "[drm:psp_sw_init] *ERROR* Failed to load psp firmware!",
        "[drm:sdma_v5_0_sw_init [amdgpu]] *ERROR* Failed to load sdma firmware!",
        "[drm:mes_v11_0_hw_init [amdgpu]] *ERROR* failed to load MES fw, r=-22",
        'amdgpu 0000:03:00.0: amdgpu_vce: Can\'t validate firmware "amdgpu/vega10_vce.bin"',
    ),
    "firmware-optional": (
        "amdgpu 0000:c1:00.0: Direct firmware load for amdgpu/isp_4_1_0.bin failed with error -2",
        "amdgpu 0000:30:00.0: amdgpu: RAS: optional ras ta ucode is not available",
        'amdgpu 0000:19:00.0: psp v11.0: Failed to load firmware "amdgpu/vega20_ta.bin"',
        "W: Possible missing firmware /lib/firmware/amdgpu/ip_discovery.bin for module amdgpu",
    ),
    "amdgpu-ids": ("/opt/amdgpu/share/libdrm/amdgpu.ids: No such file or directory",),
    "gpu-init-failed": (
        "amdgpu 0000:05:00.0: amdgpu: Fatal error during GPU init",
        "[drm:amdgpu_device_init.cold [amdgpu]] *ERROR* hw_init of IP block <psp> failed -22",
        "amdgpu: probe of 0000:05:00.0 failed with error -2",
        "amdgpu 0000:c5:00.0: probe with driver amdgpu failed with error -22",
        "amdgpu 0000:03:00.0: amdgpu: amdgpu_device_ip_init failed",
        "amdgpu 0000:03:00.0: amdgpu: gpu post error!",
    ),
    "gpu-not-resumed": (
        "amdgpu 0000:03:00.0: amdgpu: resume of IP block <smu> failed -62",
        "[drm:amdgpu_device_ip_suspend_phase2 [amdgpu]] *ERROR* suspend of IP block <psp> failed -22",
        "amdgpu 0000:03:00.0: amdgpu: amdgpu_device_ip_resume failed (-5).",
        "[drm:psp_hw_start [amdgpu]] *ERROR* PSP create ring failed!",
        "[drm:psp_hw_start [amdgpu]] *ERROR* PSP load sys drv failed!",
        "[drm:psp_suspend [amdgpu]] *ERROR* Failed to terminate tmr",
        "amdgpu 0000:03:00.0: amdgpu: SMC engine is not correctly up!",
    ),
    "pcie-atomics-rejected": (
        "kfd kfd: amdgpu: skipped device 1002:67e3, PCI rejects atomics 730<0",
        "kfd: skipped device 1002:7300, PCI rejects atomics",
    ),
    "pcie-atomics-illegal-state": ("HIP error: the operation cannot be performed in the present state",),
    "pcie-atomics-notice": ("amdgpu 0000:03:00.0: amdgpu: PCIE atomic ops is not supported",),
    "kfd-not-supported": (
        "kfd kfd: amdgpu: TAHITI  not supported in kfd",
        "kfd kfd: amdgpu: GC IP 0b0004  not supported in kfd",
        "kfd kfd: amdgpu: device 1002:7480 NOT added due to errors",
        "kfd kfd: DID 7340 is missing in supported_devices",
        "kfd2kgd: kfd not supported on this ASIC",
    ),
    "gpu-off-the-bus": (
        "amdgpu 0000:03:00.0: amdgpu: device lost from bus!",
        "amdgpu 0000:0b:00.0: amdgpu: SMU: response:0xFFFFFFFF for index:18 param:0x00000005",
        "amdgpu 0000:01:00.0: Unable to change power state from D3cold to D0, device inaccessible",
    ),
    "gpu-sysfs-empty": ('Expected integer value from monitor, but got ""',),
    "kfd-permission": (
        "Unable to open /dev/kfd read-write: Permission denied",
        "Unable to open /dev/kfd read-write: Operation not permitted",
        "PermissionError: [Errno 13] Permission denied: '/dev/kfd'",
        "open /dev/kfd: permission denied",
        "Failed to open /dev/dri/renderD128: Permission denied",
        'ann is not member of "render" group, the default DRM access group. Users must be a member of the "render"',
    ),
    "kfd-open-einval": ("Unable to open /dev/kfd read-write: Invalid argument",),
    "kfd-open-other": ("Unable to open /dev/kfd read-write: No such file or directory",),
    "override-invalid": ("HSA_OVERRIDE_GFX_VERSION 10.3 is invalid",),
    "hsa-init": (
        "hsa api call failure at: /src/rocminfo/rocminfo.cc:1142\nCall returned HSA_STATUS_ERROR_OUT_OF_RESOURCES: The",
        "hsa api call failure at line 900, file: /x/rocminfo.cc. Call returned 4104",
        "ROCk module is NOT loaded, possibly no GPU devices",
        "Failed to reserve SVM address range. Giving up.",
        "AMDKFD_IOC_ACQUIRE_VM failed",
    ),
    "no-hip-device": ("RuntimeError: No HIP GPUs are available", "HIP error: no ROCm-capable device is detected"),
    "incompatible-kernel": ("HSA Error:  Incompatible kernel and userspace, Vega 20 disabled. Upgrade amdgpu.",),
    "smi-not-usable": (AMD + "UserWarning: Can't initialize amdsmi - Error code: 34",),
    "undefined-symbol": (
        "ImportError: /home/x/torch/lib/libtorch_hip.so: undefined symbol: rsmi_init",
        "/opt/rocm-5.7.1/lib/libhipsolver.so.0: undefined symbol: rocsolver_zhegvdx_inplace",
        "ld: libhsa-runtime64.so: undefined reference to `hsa_amd_vmem_address_reserve@ROCR_1'",
    ),
    "library-missing": (
        "ImportError: libamdhip64.so.5: cannot open shared object file: No such file or directory",
        "python3: /opt/rocm/lib/libhsa-runtime64.so.1: version `ROCR_1' not found (required by /x/libamdhip64.so.6)",
    ),
    "module-symbols": (
        "amdgpu: disagrees about version of symbol drm_sched_job_init",
        "modprobe: ERROR: could not insert 'amdgpu': Unknown symbol in module, or unknown parameter (see dmesg)",
        "depmod: WARNING: /lib/modules/5.4/weak-updates/amdttm.ko needs unknown symbol ww_mutex_lock",
    ),
    "display-hang": (AMD + "[drm:drm_crtc_commit_wait] *ERROR* flip_done timed out",),
    "heap-of-mixed-libraries": (AMD + "free(): invalid pointer",),
    "thunk-unknown-device": ("device ID 0x7590 is not supported in libhsakmt", "ROCR: unsupported GPU"),
    "compiler-unknown-arch": (
        "clang: error: unsupported HIP gpu architecture: gfx1013",
        "clang++: error: invalid target ID 'gfx10300'; format is a processor name followed by an optional",
        'KeyError: "Unknown GPU architecture: gfx1151. Supported architectures',
        "RuntimeError: FlashAttention only supports AMD MI200 GPUs or newer.",
    ),
    "arch-in-words": (
        "what():  Translate(), ImportMetrics: bad block name 'GRBM', GFXIP is not supported(gfx90c)",
        "ValueError: gfx1031 is not supported by this build",
        "Error: Unsupported GPU: gfx950",
    ),
    "hipblaslt-not-used": (
        "UserWarning: Attempting to use hipBLASLt on a unsupported architecture! Overriding blas backend to hipblas",
    ),
    "attention-not-compiled": (
        "UserWarning: Flash attention was not compiled for current AMD GPU architecture. Attempting to run on",
    ),
    "tensile-missing": (
        "rocBLAS error: Cannot read /opt/rocm/lib/library/TensileLibrary.dat: Illegal seek for GPU arch : gfx1010",
        "rocBLAS warning: No paths matched /x/library/*gfx1010*co. Make sure that ROCBLAS_TENSILE_LIBPATH is set",
        "rocBLAS error: Could not initialize Tensile host:",
    ),
    "rocblaslt-missing": ('rocblaslt error: Cannot read "TensileLibrary_lazy_gfx1151.dat": No such file or directory',),
    "no-binary": (
        '"hipErrorNoBinaryForGpu: Unable to find code object for all current devices!"',
        "hipErrorNoBinaryForGpu: Couldn't find binary for ptr: 0x55",
        "Cannot find CO in the bundle /x/lib.so for ISA: amdgcn-amd-amdhsa--gfx1013",
        "hip_fatbin.cpp: No compatible code objects found for: gfx1201, value of HIP_FORCE_SPIRV_CODEOBJECT: 0",
    ),
    "invalid-device-function": (
        "torch.AcceleratorError: HIP error: invalid device function",
        AMD + "CUDA error: invalid device function",
        "ROCm error: device kernel image is invalid\n" + AMD,
    ),
    "hsa-invalid-isa": (
        "Callback: Queue 0x7f aborting with error : HSA_STATUS_ERROR_INVALID_ISA: The instruction set architecture is",
    ),
    "hsa-out-of-registers": (
        "aborting with error : HSA_STATUS_ERROR_OUT_OF_REGISTERS: Kernel has requested more",
        "aborting with error : HSA_STATUS_ERROR_INVALID_DISPATCH_PARAMETERS: The dispatch",
    ),
    "hsa-illegal-instruction": (
        "aborting with error : HSA_STATUS_ERROR_ILLEGAL_INSTRUCTION: The agent attempted to execute an illegal shader",
        "[drm:gfx_v11_0_priv_inst_irq [amdgpu]] *ERROR* Illegal opcode in command stream ",
    ),
    "cpu-illegal-instruction": (AMD + "Illegal instruction (core dumped)",),
    "vm-context1": (
        "amdgpu 0000:09:00.0:   VM_CONTEXT1_PROTECTION_FAULT_STATUS 0x1004800C",
        "amdgpu 0000:09:00.0: GPU fault detected: 146 0x03a0480c for process python pid 572",
    ),
    "l2-page-fault": (
        "amdgpu: [gfxhub] page fault (src_id:0 ring:24 vmid:8 pasid:32783)",
        "amdgpu: [gfxhub0] no-retry page fault (src_id:0 ring:24 vmid:3 pasid:32771, for process X pid 1 thread X)",
        "amdgpu: [gfxhub] VMC page fault (src_id:0 ring:158 vmid:2 pasid:0, for process  pid 0 thread  pid 0)",
        "amdgpu:   GCVM_L2_PROTECTION_FAULT_STATUS:0x00801031",
        "amdgpu: VM_L2_PROTECTION_FAULT_STATUS:0x00101031",
    ),
    "miopen-compile": (
        "MIOpen(HIP): Error [Compile] 'hiprtcCompileProgram(prog.get())' naive_conv.cpp: HIPRTC_ERROR_COMPILATION (6)",
        GUILTY + "/hipoc/hipoc_program.cpp:304: Code object build failed. Source: MIOpenBatchNormFwdTrainSpatial.cl",
        "MIOpen(HIP): Error [SetIsaName] 'amd_comgr_action_info_set_isa_name(handle, isa)' INVALID_ARGUMENT (2)",
    ),
    "miopen-elapsed-time": ("Invalid elapsed time detected in EvaluateInvokers, failed condition: elapsed <= 0",),
    "miopen-no-solver": (
        GUILTY + "/ocl/convolutionocl.cpp:275: No suitable algorithm was found to execute the required convolution",
    ),
    "torch-no-engine": (AMD + "RuntimeError: GET was unable to find an engine to execute this computation",),
    "hsa-aperture": (
        "aborting with error : HSA_STATUS_ERROR_MEMORY_APERTURE_VIOLATION: The agent attempted to access",
    ),
    "memory-access-fault": (
        "Memory access fault by GPU node-1 (Agent handle: 0x5) on address (nil). Reason: Unknown.",
        "Memory access fault by GPU node-2 on address 0x10f5c74000. Reason: Page not present or supervisor privilege.",
        "Memory access fault by GPU node-1 (Agent handle: 0x5) on address 0x7f(may not be exact address). Reason: DRAM "
        "ECC failure.",
        "HIP error: an illegal memory access was encountered",
    ),
    "ring-timeout": (
        "[drm:amdgpu_job_timedout [amdgpu]] *ERROR* ring gfx_0.0.0 timeout, signaled seq=516877, emitted seq=516879",
        "amdgpu 0000:01:00.0: ring sdma0 timeout, signaled seq=309, emitted seq=313",
        "*ERROR* ring gfx timeout, last signaled seq=3, last emitted seq=5",
    ),
    "ring-test-failed": ("amdgpu: [drm:amdgpu_ring_test_helper [amdgpu]] *ERROR* ring kiq_0.2.1.0 test failed (-110)",),
    "hw-exception": (
        "HW Exception by GPU node-1 (Agent handle: 0x5569) reason :GPU Hang",
        "aborting with error : HSA_STATUS_ERROR_EXCEPTION: An HSAIL operation resulted in a hardware exception. code",
        "ROCm error: unspecified launch failure",
    ),
    "gpu-reset": (
        "amdgpu 0000:0b:00.0: amdgpu: GPU reset begin!",
        "amdgpu: GPU reset(2) succeeded!",
        "[drm] VRAM is lost due to GPU reset!",
        "amdgpu 0000:03:00.0: GPU BACO reset",
        "radv/amdgpu: The CS has been cancelled because the context is lost. This context is innocent.",
    ),
    "compute-hang": (
        "qcm fence wait loop timeout expired",
        "amdgpu: Failed to evict process queues",
        "amdgpu 0000:03:00.0: amdgpu: Timeout waiting for VM flush hub: 0!",
        "amdgpu: Queue preemption failed for queue with doorbell_id: 80030008",
        "amdgpu 0000:00:07.0: amdgpu: wait for kiq fence error: 0.",
    ),
    "mes-hang": (
        "amdgpu: MES failed to respond to msg=REMOVE_QUEUE",
        "*ERROR* MES failed to response msg=3",
        "amdgpu 0000:03:00.0: amdgpu: MES(1) failed to respond to msg=SUSPEND (GANG)",
        "amdgpu: failed to remove hardware queue from MES, doorbell=0x1802",
        "amdgpu: MES might be in unrecoverable state, issue a GPU reset",
    ),
    "smu-hang": ("amdgpu: SMU: I'm not done with your previous command: SMN_C2PMSG_66:0x00000012",),
    "hip-oom-other-process": (
        "HIP out of memory. Tried to allocate 978.00 MiB. GPU 0 has a total capacity of 15.98 GiB of which 630.00 MiB "
        "is free. Of the allocated memory 0 bytes is allocated by PyTorch",
    ),
    "hip-oom": (
        "torch.OutOfMemoryError: HIP out of memory. Tried to allocate 2.00 GiB.",
        "Callback: Queue 0x7f Aborting with error : HSA_STATUS_ERROR_OUT_OF_RESOURCES: The runtime failed to allocate "
        "the necessary resources. Code: 0x1008 Available Free mem : 0 MB",
    ),
    "ggml-oom": ("found 1 ROCm devices\nallocating 2000.00 MiB on device 0: cudaMalloc failed: out of memory",),
    "expandable-segments": ("UserWarning: expandable_segments not supported on this platform (Triggered internally",),
    "miopen-bad-words": ("RuntimeError: miopenStatusInvalidValue",),
    "miopen-error": (
        GUILTY + "/hip/handlehip.cpp:643: Failed getting memory",
        "RuntimeError: miopenStatusUnknownError",
    ),
    "miopen-noise": (
        "MIOpen(HIP): Warning [SQLiteBase] Missing system database file: gfx1030_40.kdb Performance may degrade.",
        "MIOpen(HIP): Warning [IsEnoughWorkspace] [WTI] Solver <GemmFwdRest>, workspace required",
    ),
    "link-too-large": ("/opt/rocm/lib: relocation truncated to fit: R_X86_64_PC32 against `.bss'",),
    "dkms-build": (
        "Error! Bad return status for module build on kernel: 6.8.0-31 (x86_64)\n"
        "Consult /var/lib/dkms/amdgpu/6.3.6-1697589/build/make.log for more information.",
    ),
    "build-stopped": (
        "[/opt/rocm/bin/hipcc]\nninja: build stopped: subcommand failed.",
        "/opt/rocm/llvm: clang-14: error: clang frontend command failed with exit code 70 (use -v to see invocation)",
        "rocm: make[2]: *** [library/src/CMakeFiles/rocblas.dir/build.make:1182: library/x.cpp.o] Error 70",
        "3 errors generated when compiling for gfx1030.\nROCm",
    ),
    "segfault-in-rocm": (
        "python3[4041]: segfault at 34 ip 00007f3d56e45970 sp 00007ffd241f9130 error 4 in libhsa-runtime64.so[4597]",
    ),
    "segfault": (
        "ROCk module is loaded\nSegmentation fault",
        "ROCm\nSpeicherzugriffsfehler (Speicherabzug geschrieben)",
        "rocm: 段错误 (核心已转储)",
        "Fatal Python error: Segmentation fault",
    ),
}

LOOKALIKES: dict[str, tuple[str, ...]] = {
    "secure-boot-rejected": ("modprobe: ERROR: could not insert 'nvidia': Key was rejected by service",),
    "secure-boot-lockdown": ("Loading of unsigned module is rejected",),
    "gpu-init-failed": ("nouveau 0000:01:00.0: init failed with -12", "hw_init of the printer failed -1"),
    "gpu-not-resumed": ("nvme 0000:01:00.0: PM: failed to resume async: error -22",),
    "mes-hang": ("MESA: error: failed to respond to msg=1",),
    "vm-context1": ("qemu: VM fault at page 12, read from 'disk'",),
    "firmware-file-missing": (
        'psp v11.0: Failed to load firmware "amdgpu/vega20_ta.bin"',
        "iwlwifi 0000:02:00.0: Direct firmware load for iwlwifi-ty-a0-gf-a0-72.ucode failed with error -2",
        "amdgpu 0000:c1:00.0: Direct firmware load for amdgpu/isp_4_1_0.bin failed with error -2",
    ),
    "gpu-off-the-bus": ("NVRM: GPU 0000:01:00.0: GPU has fallen off the bus.",),
    "kfd-permission": ("Able to open /dev/kfd read-write", "Permission denied: '/dev/kvm'"),
    "kfd-open-einval": ("Unable to open /dev/kfd read-write: Permission denied",),
    "undefined-symbol": ("ImportError: /x/libfoo.so: undefined symbol: cudaGetDeviceCount",),
    "library-missing": ("ImportError: libcudart.so.11.0: cannot open shared object file: No such file or directory",),
    "heap-of-mixed-libraries": ("free(): invalid pointer",),
    "arch-in-words": ("amdgpu: gfx1030 found\nthis option is not supported",),
    "tensile-missing": ('rocblaslt error: Cannot read "TensileLibrary_lazy_gfx1151.dat": No such file or directory',),
    "invalid-device-function": ("RuntimeError: CUDA error: no kernel image is available for execution on the device",),
    "l2-page-fault": ("BUG: unable to handle page fault for address: ffffffffc0a1",),
    "memory-access-fault": ("CUDA error: an illegal memory access was encountered", "MMU Fault: ENGINE GRAPHICS"),
    "ring-timeout": ("ring the bell: timeout, signaled by nobody",),
    "hw-exception": ("RuntimeError: CUDA error: unspecified launch failure",),
    "gpu-reset": (
        "i915 0000:00:02.0: [drm] GPU HANG: ecode 12:1:85dcfdfb",
        "GPU 00000000:01:00.0 was successfully reset.",
    ),
    "hip-oom": ("torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 MiB.",),
    "ggml-oom": ("found 1 CUDA devices\nallocating 2000 MiB on device 0: cudaMalloc failed: out of memory",),
    "build-stopped": ("nvcc\nninja: build stopped: subcommand failed.", "ERROR: Failed building wheel for flash-attn"),
    "segfault": ("Segmentation fault (core dumped)", "nvidia-smi\nFatal Python error: Segmentation fault"),
    "segfault-in-rocm": ("bash[1]: segfault at 0 ip 0000 sp 0000 error 4 in libc.so.6[7f+1000]",),
}
