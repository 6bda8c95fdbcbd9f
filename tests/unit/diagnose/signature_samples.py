"""For each signature: lines as the component's source prints them, and lines that only look alike.

``LOOKALIKE`` must give no finding of that signature. Where text counts only in a log about AMD software, the sample
brings such a line along.
"""

from __future__ import annotations

AMD = "amdgpu 0000:03:00.0: amdgpu: added\n"
GUILTY = "MIOpen Error: /root/MIOpen/src"

SAMPLES: dict[str, tuple[str, ...]] = {
    "tensile-build": (
        'Traceback (most recent call last):\n  File "/b/Tensile/bin/TensileCreateLibrary", line 43, in <module>\n'
        "    TensileCreateLibrary()\nIndexError: list index out of range",
        "  File \"D:\\a\\hipBLASLt\\tensilelite\\Tensile\\Common.py\", line 43, in f\nKeyError: 'gfx1150'",
        "Exception: Tensile: could not detect the assembler, TensileCreateLibrary",
    ),
    "hiprtc-compile": (
        AMD + "hiprtcCompileProgram(): HIPRTC_ERROR_COMPILATION",
        "lld: error: undefined hidden symbol: __ockl_get_group_id",
    ),
    "triton-frame-last": (
        '  File "/v/lib/python3.12/site-packages/triton/backends/amd/compiler.py", line 1, in make_hsaco\n'
        "RuntimeError: assemble failed",
        '  File "C:\\v\\Lib\\site-packages\\triton\\backends\\amd\\driver.py", line 1, in __init__\nKeyError: 1',
    ),
    "kernel-frames-last": (
        "Call Trace:\n stop_cpsch+0xa0/0xc0 [amdgpu]\n kgd2kfd_suspend.part.0+0x2f/0x40 [amdgpu]\n kthread+0x11b/0x140",
        "RIP: 0010:dcn32_x+0x1a/0x260 [amdgpu]\nCode: 48\n <TASK>\n dc_x+0x31e/0x410 [amdgpu]\n drm_x+0x5d2/0x9d0",
    ),
    "devcoredump": (
        "amdgpu 0000:03:00.0: [drm] AMDGPU device coredump file has been created",
        "amdgpu 0000:03:00.0: amdgpu: Dumping IP State",
    ),
    "queue-at-the-fault": (
        "VGPU=0x5581 SWq=0x7f11, HWq=0x7f12, id=1\n\tDispatch Header =0xb02 (type=2, barrier=1)\n"
        "\tkernel_obj=0x7f, kernarg_address=0x7f",
    ),
    "leela-self-check": (AMD + "Error in OpenCL calculation: Update your GPU drivers",),
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
        "amdgpu 0000:03:00.0: amdgpu: failed to clear page tables on GEM object close (-19)",
        "amdgpu 0000:03:00.0: amdgpu: device lost from bus!",
        "amdgpu 0000:0b:00.0: amdgpu: SMU: response:0xFFFFFFFF for index:18 param:0x00000005",
        "amdgpu 0000:01:00.0: Unable to change power state from D3cold to D0, device inaccessible",
    ),
    "gpu-sysfs-empty": ('Expected integer value from monitor, but got ""',),
    "kfd-permission": (
        "amdgpu_device_initialize: amdgpu_query_info(ACCEL_WORKING) failed (-13)",
        "Unable to open /dev/kfd read-write: Permission denied",
        "Unable to open /dev/kfd read-write: Operation not permitted",
        "PermissionError: [Errno 13] Permission denied: '/dev/kfd'",
        "open /dev/kfd: permission denied",
        AMD + "Failed to open /dev/dri/renderD128: Permission denied",
        'ann is not member of "render" group, the default DRM access group. Users must be a member of the "render"',
    ),
    "kfd-open-einval": ("Unable to open /dev/kfd read-write: Invalid argument",),
    "kfd-open-other": (
        "Unable to open /dev/kfd read-write: No such file or directory",
        "ls: cannot access '/dev/kfd': No such file or directory",
        'level=ERROR msg="amdgpu devices detected but permission problems block access" error="kfd driver not loaded"',
    ),
    "override-invalid": ("HSA_OVERRIDE_GFX_VERSION 10.3 is invalid",),
    "hsa-init": (
        "amdgpu: Failed to create process VM object",
        "ERROR:root:ROCm SMI returned 8 (the expected value is 0)",
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
        "[AVHWDeviceContext @ 0x55] DLL libamfrt64.so.1 failed to open",
        "OSError: libhsa-amd-aqlprofile64.so.1: cannot open shared object file: No such file or directory",
        "ImportError: libamdhip64.so.5: cannot open shared object file: No such file or directory",
        "llama-server: error while loading shared libraries: librocblas.so.4: cannot open shared object file: No such",
    ),
    "module-symbols": (
        "amdgpu: disagrees about version of symbol drm_sched_job_init",
        "modprobe: ERROR: could not insert 'amdgpu': Unknown symbol in module, or unknown parameter (see dmesg)",
        "depmod: WARNING: /lib/modules/5.4/weak-updates/amdttm.ko needs unknown symbol ww_mutex_lock",
    ),
    "display-hang": (
        AMD + "[drm:drm_crtc_commit_wait] *ERROR* flip_done timed out",
        AMD + "amdgpu 0000:03:00.0: [drm] *ERROR* [CRTC:82:crtc-0] hw_done timed out",
        AMD + "[drm:amdgpu_dm_init [amdgpu]] *ERROR* amdgpu: DMUB hardware init failed: -22",
    ),
    "heap-of-mixed-libraries": (
        AMD + "free(): invalid pointer",
        AMD + "free(): double free detected in tcache 2",
        AMD + "pure virtual method called\nterminate called without an active exception",
    ),
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
    ),
    "cpu-illegal-instruction": (
        AMD + "Illegal instruction (core dumped)",
        AMD + "Error: llama runner process has terminated: exit status 0xc000001d",
    ),
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
        "amdgpu 0000:01:00.0: ring sdma0 timeout, signaled seq=309, emitted seq=313",
        "*ERROR* ring comp_1.0.0 timeout, last signaled seq=3, last emitted seq=5",
    ),
    "ring-test-failed": (
        "amdgpu: [drm:amdgpu_ring_test_helper [amdgpu]] *ERROR* ring kiq_0.2.1.0 test failed (-110)",
        "amdgpu 0000:c1:00.0: amdgpu: VPE queue reset failed.",
        "amdgpu 0000:03:00.0: amdgpu: Error scheduling IBs (-22)",
    ),
    "hw-exception": (
        "HW Exception by GPU node-1 (Agent handle: 0x5569) reason :GPU Hang",
        "aborting with error : HSA_STATUS_ERROR_EXCEPTION: An HSAIL operation resulted in a hardware exception. code",
        "ROCm error: unspecified launch failure",
    ),
    "gpu-reset": (
        "MESA: error: CS submission failed: -125",
        "[drm:drm_sched_entity_push_job [gpu_sched]] *ERROR* Trying to push to a killed entity",
        "amdgpu 0000:0b:00.0: amdgpu: GPU reset begin!",
        "amdgpu: GPU reset(2) succeeded!",
        "[drm] VRAM is lost due to GPU reset!",
        "amdgpu 0000:03:00.0: GPU BACO reset",
        "radv/amdgpu: The CS has been cancelled because the context is lost. This context is innocent.",
    ),
    "compute-hang": (
        "amdgpu: cp queue pipe 4 queue 0 preemption failed",
        "amdgpu: Pasid 0x8001 destroy queue 0 failed, ret -62",
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
    "ggml-oom": (
        "found 1 ROCm devices\nallocating 2000.00 MiB on device 0: cudaMalloc failed: out of memory",
        AMD + "Error: model requires more system memory (18.6 GiB) than is available (11.2 GiB)",
        AMD + "terminate called after throwing an instance of 'vk::OutOfDeviceMemoryError'",
    ),
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
        "Building module amdgpu\nERROR (dkms apport): kernel package linux-headers-6.8.0-40-generic is not supported",
        "Error! Bad return status for module build on kernel: 6.8.0-31 (x86_64)\n"
        "Consult /var/lib/dkms/amdgpu/6.3.6-1697589/build/make.log for more information.",
    ),
    "build-stopped": (
        AMD + "torch/utils/x.py\nCalledProcessError: Command '['ninja', '-v']' returned non-zero exit status 1.",
        AMD + "/usr/lib64/librocblas.so.0.1: undefined reference to `llvm::yaml::IO::getContext()'",
        AMD + "error: builder for '/nix/store/abc-rocblas-6.0.2.drv' failed with exit code 1",
        AMD + "ninja: error: 'x.hsaco', needed by 'all', missing and no known rule to make it",
        AMD + " * ERROR: sci-libs/rocRAND-2.7.0-r1::rocm failed (compile phase):",
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
        AMD + "Fatal Python error: Segmentation fault",
    ),
    "hipblaslt-unsupported": ("RuntimeError: Attempting to use hipBLASLt on a unsupported architecture!",),
    "hipblaslt-fallback": (
        "rocBLAS error: No hipBLASLt solution found",
        "rocBLAS warning: hipBlasLT failed, falling back to tensile.",
    ),
    "rocblas-failed": (
        'rocBLAS error: Tensile solution found, but exception thrown for { a_type: "f16_r" }',
        "rocblas_gemm_ex returned rocblas_status_internal_error",
        "MIOpen/src/gemm_v2.cpp:278: rocBlas error encountered",
    ),
    "hipblas-status": (
        AMD + "RuntimeError: CUDA error: CUBLAS_STATUS_INTERNAL_ERROR when calling `hipblasSgemm( handle )`",
        "RuntimeError: CUDA error: HIPBLAS_STATUS_NOT_SUPPORTED when calling `HIPBLAS_STATUS_NOT_SUPPORTED`",
    ),
    "blas-noise": ("rocBLAS warning: hipBlasLT failed, falling back to tensile.",),
    "tensorflow-ignores": (
        "Ignoring visible gpu device (device: 0, name: AMD Radeon RX 6600 XT, pci bus id: 0000:0c:00.0) with AMDGPU "
        "version : gfx1032. The supported AMDGPU versions are gfx1030, gfx900, gfx906.",
        "Ignoring visible gpu device (device: 0, name: AMD A10, pci bus id: 0000:00:01.0) with AMDGPU ISA gfx801. "
        "The minimum required AMDGPU ISA is gfx803.",
    ),
    "tensorflow-no-gpu": (
        AMD + "Could not load dynamic library 'librocblas.so'; dlerror: librocblas.so: not found",
        AMD + "Cannot dlopen some GPU libraries. Please make sure the missing libraries are installed",
    ),
    "jax-no-backend": (
        "RuntimeError: Unknown backend rocm. Available backends are ['cpu']",
        "RuntimeError: Unable to initialize backend 'rocm': Backend 'rocm' is not in the list of known backends",
        "Jax plugin configuration error: Exception when calling jax_plugins.xla_rocm60.initialize()",
    ),
    "onnxruntime-no-provider": (
        "UserWarning: Specified provider 'ROCMExecutionProvider' is not in available provider names.",
        "Specified provider 'MIGraphXExecutionProvider' is not in available provider names.",
    ),
    "ollama-unsupported": (
        'level=WARN source=gpu.go msg="AMD driver is too old. Update your AMD driver to enable GPU inference."',
        'level=INFO source=amd_linux.go:402 msg="no compatible amdgpu devices detected"',
        'level=INFO source=amd_linux.go:250 msg="amdgpu too old gfx803" gpu=0',
        'level=WARN source=amd_linux.go:378 msg="amdgpu detected, but no compatible rocm library found."',
    ),
    "ollama-chatter": (
        'level=WARN source=amd_linux.go:60 msg="ollama recommends" error="amdgpu version file missing: /sys/module"',
        'level=INFO source=amd_linux.go:233 msg="unsupported Radeon iGPU detected skipping" id=1',
    ),
    "apt-no-package": (
        "error: Package ‘rocm-runtime-6.0.2’ in /nix/store/x is marked as broken, refusing to evaluate.",
        "E: Impossible de trouver le paquet rocm-hip-sdk",
        "E: Unable to locate package hsa-runtime-rocr4wsl-amdgpu",
        "E: Package 'rocm-hip-sdk' has no installation candidate",
        "No match for argument: rocm-hip-sdk",
    ),
    "apt-unmet": (
        "Problem: nothing provides 'libtinfo.so.5()(64bit)' needed by the to be installed rocm-llvm-17.0.0",
        "The following packages have unmet dependencies:\n rocm-hip-runtime-dev : Depends: rocm-device-libs "
        "(= 1.0.0.50600-67~22.04) but 5.0.0-1 is to be installed",
        " rocm-dkms : Depends: rock-dkms but it is not installable",
        "dpkg: error: trying to overwrite '/usr/bin/rocminfo', which is also in package rocminfo 5.0.0-1",
    ),
    "apt-repository": (
        "amdgpu-install: error: Unsupported distribution",
        "E: The repository 'https://repo.radeon.com/rocm/apt/9.9 noble Release' does not have a Release file.",
        "Err:5 https://repo.radeon.com/amdgpu/6.1/ubuntu oracular Release\n  404  Not Found",
        "W: GPG error: https://repo.radeon.com/rocm/apt/debian ubuntu InRelease: NO_PUBKEY 9386B48A1A693C5C",
    ),
    "pip-no-torch": (
        AMD + "RuntimeError: Couldn't install torch.",
        "PackagesNotFoundError: The following packages are not available from current channels:\n  - pytorch-rocm",
        AMD + "ERROR: No matching distribution found for torch==2.4.1",
        "Looking in indexes: https://download.pytorch.org/whl/rocm5.6\n"
        "ERROR: Could not find a version that satisfies the requirement torch==2.4.1",
    ),
    "wants-nvcc": (
        AMD + "sh: nvcc: command not found",
        "torch.__version__ = 2.7.0+rocm6.3\nRuntimeError: flash_attn was requested, but nvcc was not found.",
        AMD + "OSError: CUDA_HOME environment variable is not set. Please set it to your CUDA install root.",
    ),
    "container-no-device": (
        "Error: stat /dev/kfd: no such file or directory",
        'docker: Error response from daemon: error gathering device information while adding custom device "/dev/kfd": '
        "no such file or directory.",
        "CDI device injection failed: unresolvable CDI devices amd.com/gpu=all",
    ),
    "pageflip": (
        "kwin_wayland[1684]: Pageflip timed out! This is a bug in the amdgpu kernel driver",
        "amdgpu 0000:03:00.0: [drm] *ERROR* dc_dmub_srv_log_diagnostic_data: DMCUB error - collecting diagnostic data",
        "[drm:dc_dmub_srv_wait_idle [amdgpu]] *ERROR* Error waiting for DMUB idle: status=3",
    ),
    "firmware-page-fault": (
        "amdgpu 0000:f5:00.0: amdgpu:          Faulty UTCL2 client ID: MP0 (0x6)",
        "amdgpu 0000:08:00.0: amdgpu: [gfxhub] page fault (src_id:0 ring:153 vmid:0 pasid:0, for process  pid 0)",
    ),
    "ring-timeout-graphics": (
        "[drm:gfx_v9_0_priv_reg_irq [amdgpu]] *ERROR* Illegal register access in command stream",
        "[drm:amdgpu_job_timedout [amdgpu]] *ERROR* ring gfx_0.0.0 timeout, signaled seq=147661, emitted seq=147663",
        "amdgpu 0000:2d:00.0: amdgpu: ring gfx_0.0.0 timeout, but soft recovered",
        "[drm:gfx_v11_0_bad_op_irq [amdgpu]] *ERROR* Illegal opcode in command stream",
        "[drm:amdgpu_job_timedout [amdgpu]] *ERROR* Process information: process chrome pid 2379 thread chrome:cs0",
        "*ERROR* ring gfx timeout, last signaled seq=3, last emitted seq=5",
    ),
    "kernel-oops": (
        "list_del corruption. prev->next should be ffff, but was 0000\nkernel BUG at "
        "lib/list_debug.c:62!\nRIP: 0010:__list_del_entry_valid_or_report+0xd/0x20\n "
        "drm_sched_job_done+0x1/0x2 [gpu_sched]",
        "BUG: kernel NULL pointer dereference, address: 00000000000002b4\nOops: 0000 [#1] SMP NOPTI\n"
        "RIP: 0010:dc_stream_log+0x12/0xb0 [amdgpu]",
        "BUG: unable to handle page fault for address: ffffb0\nRIP: 0010:amdgpu_vm_bo_update+0x1/0x2 [amdgpu]",
        "CR2: 0000000000000028\n---[ end trace 0000000000000000 ]---\n"
        "RIP: 0010:amdgpu_device_halt_activities.isra.0+0x4b/0x224 [amdgpu]",
        "kernel BUG at drivers/gpu/drm/amd/amdgpu/amdgpu_vm.c:123!",
        "BUG: unable to handle kernel NULL pointer dereference at 0000000000000010\n"
        "IP: [<ffffffffc01cc246>] amdgpu_bo_list_set+0x196/0x3d0 [amdgpu]",
    ),
    "ras-error": (
        "amdgpu 0000:e3:00.0: amdgpu: uncorrectable hardware error(ERREVENT_ATHUB_INTERRUPT) detected!",
        "amdgpu 0000:e3:00.0: RAS Intr triggered, device disabled!!",
    ),
    "fences-timed-out": ("[drm:amdgpu_dm_atomic_commit_tail [amdgpu]] *ERROR* Waiting for fences timed out!",),
    "vbios-not-found": (
        "amdgpu: Unable to locate a BIOS ROM",
        "vfio-pci 0000:0d:00.0: AMD_NAVI10: amdgpu_get_bios failed: 0",
    ),
    "vfio-reset": (
        AMD + "vfio-pci 0000:c5:00.0: Unsupported reset method 'device_specific'",
        AMD + "vfio-pci 0000:0d:00.0: AMD_NAVI10: failed to reset device",
        AMD
        + "vfio-pci 0000:03:00.0: timed out waiting for pending transaction; performing function level reset anyway",
    ),
    "smu-all-ones": (
        "amdgpu: [powerplay] \n   failed to send message 146 ret is 65535 ",
        "amdgpu: [powerplay] last message was failed ret is 65535",
    ),
    "library-version": (
        "RuntimeError: Configured ROCm binary not found at /x/libbitsandbytes_rocm62.so",
        "/lib/x86_64-linux-gnu/libhsa-runtime64.so.1: version `ROCR_1' not found (required by /opt/x)",
    ),
    "cuda-library-missing": (
        AMD + "ImportError: libcublas.so.9.0: cannot open shared object file: No such file or directory",
        AMD + "OSError: libcudart.so.12: cannot open shared object file: No such file or directory",
    ),
    "kernel-illegal-instruction": (
        "[drm] Illegal instruction in command stream",
        "[drm:gfx_v10_0_priv_reg_irq] *ERROR* Illegal register access in command stream",
    ),
    "torch-without-hip": (
        "AssertionError: Torch not compiled with CUDA enabled",
        "RuntimeError: Torch is not able to use GPU; add --skip-torch-cuda-test to COMMANDLINE_ARGS",
        "RuntimeError: Found no NVIDIA driver on your system. Please check that you have an NVIDIA GPU",
        "RuntimeError: No CUDA GPUs are available",
        "torch.version.hip: None",
    ),
    "torch-no-gpu-warning": (
        AMD + "ROCM used to build PyTorch: N/A",
        AMD + "INFO     Using CPU-only torch",
        AMD + "UserWarning: CUDA initialization: Found no NVIDIA driver on your system.",
    ),
    "nan-numbers": (
        AMD + "modules.devices.NansException: A tensor with all NaNs was produced in VAE.",
        AMD + "nodes.py:1585: RuntimeWarning: invalid value encountered in cast",
        "MIOpenDriver conv\nForward Convolution Failed: 0.386381 > 1.5e-06",
        AMD + "self.assertEqual(cpu_result, gpu_result, precision)",
        AMD + "Mismatch at 0: 0.549306 != -0.6875\n\ngpu:\n@0 = check_context -> float_type, {}, {}",
    ),
    "triton-no-compiler": (
        "could not exec /x/_rocm_sdk_core/lib/llvm/bin/clang-23: No such file or directory",
        AMD
        + "subprocess.CalledProcessError: Command '['clang', '__triton_launcher.c']' returned non-zero exit status 1",
        "Exception: rocm path /opt/rocm/llvm/bin/ld.lld not found. Set 'TRITON_HIP_LLD_PATH' to its path.",
        AMD + "RuntimeError: Failed to find C compiler. Please specify via CC environment variable.",
    ),
    "triton-link": (
        "RuntimeError: LLD failed to link hsaco source /tmp/a into object file /tmp/b",
        "ld.lld: error: target emulation unknown: -m or at least one .o file required",
    ),
    "triton-compile": (
        AMD + "RuntimeError: PassManager::run failed",
        AMD + "error: unsupported target: 'gfx906'",
        "Pipeline failed while executing [`TritonAMDGPUCanonicalizePointers` on 'tt.func' operation] amdgcn",
        AMD + "torch._inductor.exc.InductorError: CalledProcessError: x",
    ),
    "triton-resources": (
        AMD + "triton.runtime.errors.OutOfResources: out of resource: shared memory, Required: 131072, "
        "Hardware limit: 65536.",
    ),
    "wsl-runtime": (
        "rocminfo: ./sources/wsl/libhsakmt/src/thunk_proxy/thunk_proxy.cpp:111: void thunk_proxy::QueryAdapterInfo("
        "D3DKMT_HANDLE, ATIADAPTERINFO*): Assertion `ret == STATUS_SUCCESS' failed.",
        "WSL environment detected.\nhsa api call failure at: /src/rocminfo/rocminfo.cc:1306\nCall returned HSA_STATUS",
        "hsa api call failure at: ./sources/wsl/tools/rocminfo/rocminfo.cc:1087\nCall returned HSA_STATUS_ERROR_OUT",
    ),
    "wsl-unsupported-gpu": ("WSL environment detected.\n" + "x\n" * 200 + "ROCR: unsupported GPU",),
    "wsl-no-kernel-driver": (
        "WSL environment detected.\nERROR: Unable to get devices, driver not initialized (amdgpu not found in modules)",
        "misc dxg: dxgk: dxgkio_query_adapter_info: Ioctl failed: -22",
    ),
    "torch-oom-words": (AMD + "torch.OutOfMemoryError: Allocation on device",),
    "hip-no-function": (
        "stl_vector.h:1125: std::vector<_Tp, _Alloc>::reference [with _Tp = hip::DeviceFunc*]: "
        "Assertion '__n < this->size()' failed.",
    ),
    "hip-ordinal": (AMD + "RuntimeError: HIP error: invalid device ordinal", AMD + "hipErrorInvalidDevice"),
    "hip-error-other": (
        "RuntimeError: HIP error: invalid argument",
        "ROCm error: unknown error",
        "hipErrorInvalidValue",
        'checkHipErrors() HIP API error = 0001 "invalid argument" from file, line 164',
    ),
    "rccl-failure": (
        AMD + "RuntimeError: NCCL error: unhandled cuda error (run with NCCL_DEBUG=INFO for details)",
        AMD + "p2p.cc:239 NCCL WARN hipIpcGetMemHandle failed : invalid argument",
    ),
    "module-not-there": ("modprobe: FATAL: Module amdgpu not found in directory /lib/modules/6.8.0-1029-aws",),
    "link-down": (
        AMD + "pcieport 0000:04:01.0: pciehp: Slot(0-1): Link Down",
        AMD + "pcieport 0000:00:01.1: AER: Uncorrected (Fatal) error received: 0000:01:00.0",
    ),
    "too-hot": (
        "amdgpu 0000:03:00.0: amdgpu: ERROR: GPU over temperature range(SW CTF) detected!",
        "amdgpu 0000:03:00.0: amdgpu: ERROR: System is going to shutdown due to GPU SW CTF!",
    ),
    "kernel-hung": (
        "rcu: INFO: rcu_preempt self-detected stall on CPU\nRIP: 0010:x+0x1/0x2\n "
        "amdgpu_device_wreg+0x2f/0x1f0 [amdgpu]",
        "INFO: task kworker/u32:1:4045 blocked for more than 122 seconds.\n amdgpu_fence_wait_any+0x12/0xb0 [amdgpu]",
        "watchdog: BUG: soft lockup - CPU#3 stuck for 22s!\n RIP: 0010:dc_stream_log+0x12/0xb0 [amdgpu]",
    ),
    "kernel-warning": ("WARNING: CPU: 1 PID: 2115 at drivers/gpu/drm/amd/amdgpu/../display/dc/dc_helper.c:526 x+0x1",),
    "vulkan-device-lost": (AMD + "ggml_vulkan: vk::Queue::submit: ErrorDeviceLost", AMD + "VK_ERROR_DEVICE_LOST"),
    "ggml-no-gpu": (
        AMD + "ggml_vulkan: No devices found.",
        AMD + "warning: no usable GPU found, --gpu-layers option will be ignored",
        AMD + 'level=INFO source=gpu.go:392 msg="no compatible GPUs were discovered"',
    ),
    "vllm-no-platform": (
        AMD + "RuntimeError: Failed to infer device type",
        AMD + "No platform detected, vLLM is running",
    ),
    "xla-no-code": ("INTERNAL: Failed to load HSACO: hipErrorNoBinaryForGpu", "unsupported AMDGPU version gfx1036"),
    "smu-not-started": (
        "amdgpu 0000:03:00.0: amdgpu: Failed to enable requested dpm features!",
        "amdgpu 0000:03:00.0: amdgpu: Failed to setup smc hw!",
        "amdgpu 0000:03:00.0: amdgpu: Failed to set driver allowed features mask!",
        "amdgpu 0000:03:00.0: amdgpu: smu reset failed, ret = -62",
    ),
    "psp-refusal": (
        "amdgpu 0000:03:00.0: amdgpu: psp gfx command LOAD_TA(0x1) failed and response status is (0x7)",
        "[drm] psp command failed and response status is (0xFFFF0007)",
    ),
    "kfd-chatter": (
        "Evicting PASID 0x8005 queues",
        "amdgpu: Freeing queue vital buffer 0x76fe3ea00000, queue evicted",
        "init_user_pages: Failed to get user pages: -1",
        "amdgpu 0000:c4:00.0: amdgpu: No more SDMA queue to allocate",
    ),
    "display-link": (
        AMD + "[drm] perform_link_training_with_retries: Link(1) training attempt 4 of 4 failed @ rate(20) x lane(4)",
        AMD + "Link Training Error, could not get CR after 100 tries. Possibly LTTPR issue",
    ),
    "display-infoframe": (AMD + "[drm] Failed to setup vendor infoframe on connector HDMI-A-1: -22",),
    "display-register-wait": ("[drm] REG_WAIT timeout 1us * 100000 tries - optc1_wait_for_state line:839",),
    "kernel-vram-full": (
        "amdgpu: Failed to allocate a buffer:\namdgpu:    size      : 67108864 bytes",
        "[drm:amdgpu_cs_ioctl [amdgpu]] *ERROR* Not enough memory for command submission!",
        AMD + "[TTM] Buffer eviction failed",
        AMD + "kfd2kgd: Failed to create BO on domain VRAM. ret -12",
    ),
    "swiotlb-full": ("amdgpu 0000:2d:00.0: swiotlb buffer is full (sz: 2097152 bytes)",),
    "vllm-oom": (
        AMD + "vllm\nValueError: No available memory for the cache blocks. Try increasing `gpu_memory_utilization`",
        AMD
        + "vllm\nFree memory on device cuda:0 (1/16 GiB) on startup is less than desired GPU memory utilization (0.9)",
    ),
    "miopen-database": (
        GUILTY + "/sqlite_db.cpp:229: Internal error while accessing SQLite database: locking protocol",
        'what():  boost::filesystem::permissions: No such file or directory: "/h/.config/miopen//gfx906_60.ufdb.txt"',
        "std::filesystem::create_directories: Permission denied [/home/me/.config/miopen]",
    ),
    "miopen-opencl": (
        "MIOpen Error: /x/src/ocl/handleocl.cpp:332: Error: Creating Handle. Cannot Initialize Handle from Queue",
        "E tensorflow/stream_executor/rocm/rocm_dnn.cc:532] could not create miopen handle: miopenStatusUnknownError",
    ),
    "miopen-tool": (
        "MIOpen Error: /x/tmp_dir.cpp:47: Can't execute cd /tmp/miopen-a-1; /opt/rocm/llvm/bin/clang-offload-bundler",
        "error: expecting exactly one host target but got 0.",
    ),
    "hip-graph": (
        AMD + "XlaRuntimeError: INTERNAL: Failed to launch HIP graph: HIP_ERROR_InvalidValue",
        "hipErrorStreamCaptureUnsupported",
        "HIP error: operation not permitted when stream is capturing",
    ),
    "xla-helper-kernel": (
        "Could not create RepeatBufferKernel: INTERNAL: x",
        "INTERNAL: Failed call to hipGetFuncBySymbol: hipError_t(98)",
    ),
    "hip-guarantee": (
        '/src/external/hip-on-vdi/rocclr/hip_fatbin.cpp:39: guarantee(false && "Cannot unmap file")',
        "/usr/src/debug/hip-runtime-amd/clr-rocm-6.0.0/rocclr/os/os_posix.cpp:321: static void amd::Os::f():"
        " Assertion `Os::currentStackPtr() >= 1' failed.",
    ),
    "ggml-hip-error": (
        AMD + "ROCm error: unspecified\n  current device: 0, in function f at ggml-cuda.cu:1",
        AMD + "ggml-cuda.cu:2641: GGML_ASSERT(stat == cudaSuccess) failed",
        AMD + "/x/ggml/src/ggml-cuda/ggml-cuda.cu:102: ROCm error",
    ),
    "blender-raytracing": ("Blender 4.3\nAMD Radeon RX 7800 XT\nFailed to build BLAS",),
    "kfd-selinux": (
        'avc:  denied  { read write } for  pid=1 comm="rocminfo" name="kfd" dev="devtmpfs" ino=1'
        " scontext=u:r:container_t:s0 tcontext=system_u:object_r:hsa_device_t:s0 tclass=chr_file\n/dev/kfd",
        AMD + 'avc:  denied  { map } for pid=1 comm="vainfo" path="/dev/dri/renderD128" dev="devtmpfs"'
        " tcontext=system_u:object_r:dri_device_t:s0 tclass=chr_file",
    ),
    "python-abi": ("ImportError: /opt/rocm-3.7.0/lib/migraphx.so: undefined symbol: _Py_ZeroStruct",),
    "system-too-old": (
        "rocminfo: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.34' not found (required by rocminfo)",
        "rocminfo: libstdc++: version `GLIBCXX_3.4.30' not found (required by /opt/rocm/lib/libhsa-runtime64.so.1)",
        "whl/rocm6.4\n/usr/bin/ld: libtorch_cpu.so: undefined reference to `hypot@GLIBC_2.35'",
    ),
    "cuda-part": (AMD + "OSError: libtorch_cuda.so: cannot open shared object file: No such file or directory",),
    "bitsandbytes": (
        AMD + "ImportError: Using `bitsandbytes` 8-bit quantization requires the latest version of bitsandbytes",
        AMD + "Could not load bitsandbytes native library: 'NoneType' object has no attribute 'split'",
        "ROCm Setup failed despite ROCm being available.",
    ),
    "bitsandbytes-without-gpu": (AMD + "The installed version of bitsandbytes was compiled without GPU support.",),
    "smi-without-driver": ("ERROR:root:Driver not initialized (amdgpu not found in modules)", "AMDSMI_STATUS_NO_DRV"),
    "mailbox-of-a-host": (
        "amdgpu 0000:08:00.0: amdgpu: trn=2 ACK should not assert! wait again !",
        "amdgpu: Doesn't get msg:1 from pf, error=-62",
        "amdgpu: Doesn't get ack from pf, continue",
    ),
    "smu-metrics-notice": ("amdgpu 0000:0d:00.0: amdgpu: Failed to export SMU metrics table!",),
    "pcie-atomics-of-an-apu": ("rocminfo\nkfd kfd: amdgpu: skipped device 1002:1638, PCI rejects atomics 730<0",),
    "no-opencl": (
        AMD + "clGetDeviceIDs(): CL_DEVICE_NOT_FOUND",
        AMD + "clGetPlatformIDs(): CL_PLATFORM_NOT_FOUND_KHR",
        AMD + "Number of platforms                               0",
        AMD + "[opencl_init] FINALLY: opencl is NOT AVAILABLE and NOT ENABLED.",
    ),
    "torch-parts": (
        AMD + "NotImplementedError: Could not run 'torchvision::nms' with arguments from the 'CUDA' backend.",
        AMD + "RuntimeError: operator torchvision::nms does not exist",
        AMD + "RuntimeError: Couldn't load custom C++ ops. This can happen if your PyTorch and torchvision versions",
        'RuntimeError: t == DeviceType::HIP INTERNAL ASSERT FAILED at "/x/include/c10/hip/impl/HIPGuardImpl.h":22',
        AMD + "ImportError: /v/exllamav2_ext.cpython-311-x86_64-linux-gnu.so: undefined symbol: _ZN3c103hip20f",
    ),
    "attention-not-for-amd": (
        AMD + "NotImplementedError: No operator found for `memory_efficient_attention_forward` with inputs:",
        AMD + "RuntimeError: FlashAttention only supports Ampere GPUs or newer.",
        AMD + "ModuleNotFoundError: No module named 'flash_attn_2_cuda'",
    ),
    "xformers-off": ("WARNING[XFORMERS]: xFormers can't load C++/CUDA extensions. xFormers was built for:",),
    "device-libraries": (
        "clang: error: cannot find ROCm device library; provide its path via '--rocm-path'",
        "clang-11: error: cannot find device library for gfx1031. Provide path to different ROCm installation",
        "error: cannot find HIP runtime; provide its path via '--rocm-path'",
        "a.cpp:1:10: fatal error: 'hip/hip_runtime.h' file not found",
    ),
    "composable-kernel": (
        "/x/csrc/composable_kernel/include/ck_tile/core/arch/a.hpp:66:19: error: static assertion failed",
        "fatal error: 'fmha_bwd.hpp' file not found",
    ),
    "written-for-gcn": (
        "error: Illegal instruction detected: Invalid dpp_ctrl value: broadcasts are not supported on GFX10+",
    ),
    "two-compilers": ("MIGraphX\nerror: unknown warning option '-Wnrvo' [-Werror,-Wunknown-warning-option]",),
    "pip-managed": ("pip install --index-url x/whl/rocm6.4 torch\nerror: externally-managed-environment",),
    "container-gpus-flag": (
        "docker run --gpus all rocm/pytorch\ndocker: Error response from daemon: could not select device driver"
        ' "" with capabilities: [[gpu]].',
    ),
    "aiter-arch": ('RuntimeError: Get GPU arch from rocminfo failed "Unknown GPU architecture: gfx1151. Supported',),
    "vllm-unsupported": (
        "vllm rocm\nValueError: Unknown quantization method: awq_marlin",
        AMD + "vllm\nValueError: awq quantization is currently not supported in rocm.",
        AMD + "vllm\nfp8 quantization is not supported for the current GPU.",
    ),
    "lmstudio-engine": (AMD + "LM Studio 0.3\nError loading model.\n\n(Exit code: null)",),
    "crash-in-rocm-frames": (
        "# backtrace\n/usr/bin/blender(+0x1) [0x1]\n/opt/rocm/lib/libamdhip64.so.6(+0x1) [0x2]",
        "Stack trace of thread 82030:\n#0  0x1 n/a (libamdhip64.so.6 + 0x1)",
    ),
    "runner-died": (
        AMD + "Error: llama runner process no longer running: -1",
        AMD + 'msg="error loading llama server" error="llama-server process has terminated: exit status 1"',
        AMD + "Error: llama runner process has terminated: signal: aborted (core dumped)",
        AMD + 'msg="llama runner terminated" error="exit status 0xc0000409"',
        AMD + "Error: llama runner process has terminated: exit status 2",
    ),
    "runner-entry-point": (AMD + "Error: llama runner process has terminated: exit status 0xc0000139",),
    "runner-no-library": (AMD + "Error: llama runner process has terminated: exit status 127",),
    "gpu-not-reset": ("ring gfx timeout, signaled seq=1, emitted seq=2\nresume of IP block <sdma_v4_0> failed -110",),
    "windows-dll": (
        "AMD GPU\nFileError: Could not find module 'C:\\a\\b\\koboldcpp_hipblas.dll' (or one of its dependencies).",
        "ROCm\nOSError: [WinError 126] The specified module could not be found. Error loading"
        ' "C:\\a\\b\\torch\\lib\\c10_hip.dll" or one of its dependencies.',
    ),
    "vllm-not-inspected": (AMD + "vllm\nValueError: Model architectures ['LlamaForCausalLM'] failed to be inspected.",),
    "radeon-ring": (
        "[drm:uvd_v1_0_ib_test [radeon]] *ERROR* radeon: fence wait timed out.",
        "[drm:radeon_ib_ring_tests [radeon]] *ERROR* radeon: failed testing IB on ring 5 (-110).",
    ),
    "iommu-fault": ("amdgpu 0000:0c:00.0: AMD-Vi: Event logged [IO_PAGE_FAULT domain=0x0012 address=0xeebcf82b200",),
    "hip-error-last": (
        "RuntimeError: HIP error: too many resources requested for launch",
        "torch.AcceleratorError: HIP error: invalid configuration argument",
        "Device::callbackQueue aborting with error : HSA_STATUS_ERROR: A generic error has occurred. code: 0x1000",
    ),
    "system-library": (AMD + "ImportError: libnuma.so.1: cannot open shared object file: No such file or directory",),
    "onnxruntime-error": (
        AMD + "onnxruntime\n[ONNXRuntimeError] : 6 : RUNTIME_EXCEPTION : Non-zero status code returned",
        AMD + "onnxruntime::rocm\nvoid onnxruntime::RocmCall(ERRTYPE) HIP failure 100: no ROCm-capable device",
    ),
    "migraphx-error": (
        AMD + "terminate called\nwhat():  /src/include/migraphx/check_shapes.hpp:210: same_dims: dimensions differ",
        AMD + "/root/AMDMIGraphX/src/targets/gpu/compile.cpp:30: compile: no solution",
    ),
    "not-for-amd": (
        "ValueError: ROCm does not support flash attention 3",
        AMD + "ValueError: fp8_e5m2 is not supported on ROCm",
        AMD + "AssertionError: this op is not yet implemented for ROCm",
        AMD + "RuntimeError: paged attention: ROCm is not supported",
    ),
    "vllm-engine-failed": (
        AMD + "vllm\nAttributeError: '_OpNamespace' '_rocm_C' object has no attribute 'paged_attention'",
        AMD + "vllm\nRuntimeError: Engine core initialization failed. See root cause above.",
        AMD + "vllm\nvllm.v1.engine.exceptions.EngineDeadError: EngineCore encountered an issue",
    ),
    "other-symbol": (
        AMD + "ImportError: /x/_C.so: undefined symbol: _ZN5torch3jit6Module",
        AMD + "OSError: [WinError 127] The specified procedure could not be found",
    ),
    "other-library": (
        AMD + "ImportError: libopenblas64.so.0: cannot open shared object file: No such file or directory",
        AMD + "MESA-LOADER: failed to open radeonsi\nfailed to load driver: radeonsi",
    ),
    "hip-compiler-broken": (
        "-- The HIP compiler identification is unknown",
        "CMake Error: No CMAKE_HIP_COMPILER could be found.",
        "  Failed to find a default HIP architecture.",
    ),
    "rocm-configure": (
        'Repository command failed\nMIOpen version file "None" not found',
        "no such package '@@local_config_rocm//rocm': x",
        "CMake Warning\n  Could NOT find ROCM (missing: ROCM_PATH)\n  find_package(hip)",
    ),
    "compile-error": (
        AMD + "/b/ggml-cuda.cu:12:5: error: no matching function for call to 'f'",
        AMD + "ERROR: Failed building wheel for deepspeed-kernels",
    ),
    "apt-unmet-around": (
        AMD + "The following packages have unmet dependencies:",
        AMD + "E: Unable to correct problems, you have held broken packages.",
    ),
    "aur-unmet": (
        AMD + "==> Error: Could not find all required packages:",
        AMD + "error: target not found: rocm-hip-sdk",
    ),
    "container-runtime": (
        AMD + "Error response from daemon: unknown or invalid runtime name: nvidia",
        AMD + "nvidia-container-cli: initialization error: load library failed",
    ),
    "torch-beside-rocm": ("No ROCm runtime is found, using ROCM_HOME='/opt/rocm'",),
    "hip-sees-none": (
        AMD + "WARNING  ROCm: no agent was found",
        "Radeon RX 6600\nROCM used to build PyTorch: 6.4.43482\nIs CUDA available: False",
        AMD + "ROCm agents detected: []",
        "ROCm\nerror: no AMD GPUs available",
    ),
    "nan-sampling": (
        AMD + "RuntimeError: probability tensor contains either `inf`, `nan` or element < 0",
        AMD + "GGGGGGGGGGGGGGGGGGGGGGGGGGGG",
    ),
    "triton-versions": (
        AMD + "ImportError: cannot import name 'default_cache_dir' from 'triton.runtime.cache'",
        AMD + "AttributeError: type object 'CompiledKernel' has no attribute 'launch_enter_hook'",
        AMD + "ModuleNotFoundError: No module named 'triton.ops'",
    ),
    "xla-linker": ("INTERNAL: unable to find ld.lld in PATH: No such file or directory",),
    "hip-error-names": (
        AMD + "hipErrorPeerAccessUnsupported",
        AMD + "hipErrorLaunchTimeOut: the launch timed out",
        AMD + "error: hipErrorHostMemoryAlreadyRegistered",
    ),
    "blender-hip-error": (
        "Blender 4.2.0\nHIP hipcc compiler not found. Install HIP toolkit in default location.",
        AMD + "Blender 4.2\nUnknown error in HIP Denoising",
        AMD + "Blender 4.2\nFailed to load HIP kernel from path",
    ),
    "windows-crash": (
        AMD + "Windows fatal exception: access violation",
        AMD + "Process finished with exit code -1073741819 (0xC0000005)",
        AMD + "Exception code: 0xc0000005\nFaulting module: amdvlk64.dll v32.0.31007.1017",
    ),
    "abort-last": (
        AMD + "Aborted (core dumped)",
        AMD + "terminate called after throwing an instance of 'std::runtime_error'",
    ),
    "video-engine": (
        "[drm:uvd_v6_0_start [amdgpu]] *ERROR* UVD not responding, trying to reset the VCPU!!!",
        "[drm:vcn_v1_0_start [amdgpu]] *ERROR* VCN decode not responding, giving up!!!",
    ),
    "xla-oom": (
        AMD + "RESOURCE_EXHAUSTED: Out of memory while trying to allocate 2147483648 bytes.",
        AMD + "Allocator (GPU_0_bfc) ran out of memory trying to allocate 2.00GiB",
        AMD + "OOM when allocating tensor with shape[64,64]",
    ),
    "torch-on-cpu": (
        AMD + "Set vram state to: NORMAL_VRAM\nDevice: cpu",
        AMD + "Attempting to deserialize object on a CUDA device but torch.cuda.is_available() is False",
        AMD + "Using torch device: CPU",
    ),
    "hip-called-cuda": (
        AMD + "RuntimeError: CUDA error: unspecified launch failure",
        AMD + "RuntimeError: CUDA failed with error invalid argument",
    ),
    "triton-hip": ("RuntimeError: Triton Error [HIP]:  Code: 209, Messsage: no kernel image",),
    "llvm-cannot-select": ("LLVM ERROR: Cannot select: intrinsic %llvm.amdgcn.mfma.f32.16x16x16f16",),
    "opencl-build": (
        AMD + "darktable: [opencl] could not build program: -11",
        AMD + "clBuildProgram() failed: CL_BUILD_PROGRAM_FAILURE",
    ),
    "framework-on-cpu": (
        AMD + ">>> jax.devices()\n[CpuDevice(id=0)]",
        AMD + "Cycles: No compatible GPUs found for rendering",
    ),
    "python-import": (
        AMD + "ImportError: cannot import name 'x' from 'transformers.utils'",
        AMD + "AttributeError: module 'torch.library' has no attribute 'register_fake'",
    ),
    "directml-failed": (
        AMD + "ModuleNotFoundError: No module named 'torch_directml'",
        AMD + 'INTERNAL ASSERT FAILED at "C:\\w\\pytorch-directml-plugin\\torch_directml\\DMLTensor.cpp":31',
    ),
    "dkms-leftover": (
        "Error! Could not locate dkms.conf file.\nFile: /var/lib/dkms/amdgpu/6.7.0-1787201.22.04/source/dkms.conf gone",
    ),
    "ollama-no-layers": (AMD + "load_tensors: offloaded 0/33 layers to GPU",),
    "rocm-file-missing": (
        "sudo: amdgpu-install: command not found",
        AMD + "bash: rocminfo: command not found",
        AMD + "sh: 1: /opt/rocm/bin/hipcc: No such file or directory",
    ),
    "exception-last": (AMD + "site-packages/torch/nn/x.py\nRuntimeError: something that nobody has met before",),
    "framework-exception-last": (AMD + "tensorflow/core\nRuntimeError: something that nobody has met before",),
    "ggml-last": (
        AMD + "llama_model_loader: x\nggml_backend: y\nllama_model_load: error loading model: vk::Queue",
        AMD + "ggml_cuda_init: x\n/b/ggml.c:12: GGML_ASSERT(n_dims >= 1) failed",
    ),
    "engine-error-last": ("[drm:gfx_v11_0_priv_reg_irq [amdgpu]] *ERROR* Illegal register access",),
    "controller-error-last": ("[drm:amdgpu_xgmi_new [amdgpu]] *ERROR* something nobody has met before",),
    "compute-error-last": ("[drm:mes_v12_0_new [amdgpu]] *ERROR* something nobody has met before",),
    "package-error-last": (
        AMD + "apt install rocm\ndpkg: error processing archive /x.deb (--unpack):",
        AMD + "dpkg: amdgpu-dkms\nE: Sub-process /usr/bin/dpkg returned something else",
    ),
    "module-refused": ("modprobe: ERROR: could not insert 'amdgpu': No such device",),
    "xorg-no-device": (
        AMD + "(EE) [drm] Failed to open DRM device for pci:0000:01:00.0: -19",
        "(EE) AMDGPU(0): [drm] failed to set drm interface version.",
        "amdgpu_device_initialize failed",
    ),
    "windows-driver-reset": (
        "AMD Radeon RX 580\nRuntimeError: The GPU device instance has been suspended. Use "
        "GetDeviceRemovedReason to determine the appropriate action.",
        "Display driver amdwddmg stopped responding and has successfully recovered.",
    ),
    "kubernetes-no-device": (
        "Warning  FailedScheduling  0/1 nodes are available: 1 Insufficient amd.com/gpu.",
        "plugin.go:136] Found 0 AMDGPUs",
        "amd-device-plugin-6h7tt          0/1     CrashLoopBackOff   2 (15s ago)     29s",
    ),
    "repository-key": (
        "wget -qO - https://repo.radeon.com/rocm/rocm.gpg.key | sudo apt-key add -\ngpg: no valid OpenPGP data found.",
    ),
    "rocm-sdk-broken": (
        "[ rocm-sdk init failed. ROCm may not be set up correctly.",
        "ModuleNotFoundError: No module named 'rocm_sdk'",
    ),
    "xla-bitcode": (
        "E external/local_xla/xla/service/gpu/llvm_gpu_backend/gpu_backend_lib.cc:243] bitcode module is "
        "required by this HLO module but was not found at ./opencl.bc",
    ),
    "stream-executor-blas": ("tensorflow-rocm\nInternalError: Blas GEMM launch failed : a.shape=(100, 784)",),
    "stream-executor-dnn": (
        "jaxlib rocm\nUNKNOWN: Failed to determine best cudnn convolution algorithm: INTERNAL: All "
        "algorithms tried failed",
    ),
    "zluda-cudnn": (
        "Device: cuda:0 AMD Radeon RX 6800 [ZLUDA]\nRuntimeError: cuDNN error: CUDNN_STATUS_INTERNAL_ERROR",
    ),
    "ollama-timeout": (
        AMD + 'level=ERROR msg="error loading llama server" error="timed out waiting for llama runner to start"',
    ),
    "ollama-eof": (
        'ollama[1]: library=rocm amdgpu\nError: POST predict: Post "http://127.0.0.1:41245/completion": EOF',
    ),
    "zluda-oom": (
        "AMD Radeon RX 6800 [ZLUDA]\ntorch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.",
    ),
    "opencl-oom": (
        "AMD Accelerated Parallel Processing\nclEnqueueNDRangeKernel failed: CL_MEM_OBJECT_ALLOCATION_FAILURE",
    ),
    "killed-last": (
        AMD + "make: *** [Makefile:15: run] Error 137",
        AMD + 'msg="llama runner process has terminated: signal: killed"',
    ),
    "smi-init": ("rsmi_init() failed: RSMI_STATUS_INIT_ERROR",),
    "smi-permission": ("ERROR: GPU[0] : sclk: Permission denied /sys/class/drm/card0/device/pp_dpm_sclk\namdgpu",),
    "clr-log-last": (
        ":1:rocdevice.cpp            :2250: 1024512345 us: [pid:77 tid:0x7f0] Fail "
        "hsa_amd_agents_allow_access failed with err 4097",
    ),
    "kfd-not-supported-asked": (
        "EXT4-fs (nvme0n1p2): mounted filesystem\nkfd kfd: amdgpu: GC IP 0a0103 not supported in kfd\n$ "
        "rocminfo\nROCk module is loaded",
    ),
    "windows-pagefile": (
        "AMD Radeon RX 7900 XTX, platform: Windows\nOSError: [WinError 1455] The paging file is too "
        "small for this operation to complete.",
    ),
    "image-not-there": (
        "docker: Error response from daemon: manifest for rocm/pytorch:rocm9 not found: manifest "
        "unknown: manifest unknown.",
    ),
    "windows-installer": ("AMD HIP SDK for Windows\nHIP SDK installation ended with error 215",),
    "driver-words-last": ("amdgpu 0000:03:00.0: amdgpu: Failed to disallow df cstate",),
    "shader-interrupt": (
        "[22340.220490] amdgpu: sq_intr: error, detail 0x00000000, type 1, sh 1, priv 1, wave_id 4, "
        "simd_id 0, wgp_id 0",
    ),
    "video-driver": (
        "[AVHWDeviceContext @ 0x5560146fb940] libva: /usr/lib/x86_64-linux-gnu/dri/radeonsi_drv_video.so "
        "has no function __vaDriverInit_1_0\nRadeon",
    ),
    "mesa-too-old": ("amdgpu: Unknown gfx version: 12.0",),
    "two-llvms": (AMD + "mesa: for the --simplifycfg-sink-common option: may only occur zero or one times!",),
    "hsa-status-last": (
        "HSA_STATUS_ERROR_INVALID_QUEUE_CREATION: The requested queue creation is not valid.",
        "Queue at 0x7f0000 inactivated due to async error:\n\tHSA_STATUS_ERROR_INVALID_PACKET_FORMAT: malformed.",
        "HSA_STATUS_ERROR: A generic error has occurred.",
    ),
    "opencl-driver-refused": (AMD + "* Device #1: Outdated or broken AMD driver '3075.10' detected!",),
    "opencl-call-last": (AMD + "clEnqueueNDRangeKernel(): CL_INVALID_COMMAND_QUEUE",),
    "driver-of-other-width": (
        "[AVHWDeviceContext @ 0x55] libva: dlopen of /usr/lib/dri/radeonsi_drv_video.so failed: "
        "/usr/lib/dri/radeonsi_drv_video.so: wrong ELF class: ELFCLASS32",
        "libGL error: dlopen /usr/lib/x86_64-linux-gnu/dri/radeonsi_dri.so failed: "
        "/usr/lib/x86_64-linux-gnu/dri/radeonsi_dri.so: wrong ELF class: ELFCLASS64",
    ),
    "video-call-failed": (
        AMD + "[h264_vaapi @ 0x5560146fb940] No usable encoding profile found.",
        AMD + "[h264_amf @ 0x5560146fb940] CreateComponent(AMFVideoEncoderVCE_AVC) failed with error 10",
        AMD + "[AVHWDeviceContext @ 0x5560146fb940] DLL libamfrt64.so.1 failed to open",
        "Warning: Detected AMD GPU but AMF failed to load",
        AMD + "Fatal: Couldn't find any encoder",
        AMD + "[h264 @ 000001cdf285f040] No device available for decoder: device type d3d11va needed for codec h264.",
    ),
    "llamafile-no-gpu": (
        "note: won't compile AMD GPU support because $HIP_PATH/bin/clang++ is missing",
        AMD + "fatal error: --n-gpu-layers 35 was passed but no gpus were found",
        AMD + "get_amd_offload_arch_flag: error: hipInfo returned non-zero exit status",
    ),
    "zluda-basic-test": (
        "Error:ZLUDA device failed to pass basic operation test: index=None, device_name=Radeon RX550 [ZLUDA]",
    ),
    "no-screen": (
        AMD + "(EE) no screens found(EE)",
        AMD + "gnome-shell[1234]: Failed to setup: No GPUs found",
        AMD + "[CRITICAL] m_sWLRBackend was NULL!\n[CRITICAL] Critical error thrown: wlr_backend_autocreate() failed!",
        "MESA-LOADER: failed to open radeonsi: /usr/lib/dri/radeonsi_dri.so: cannot open shared object file",
    ),
    "container-group": (
        AMD + "docker: Error response from daemon: Unable to find group render: no matching entries in group file.",
        AMD + "Error: crun: cannot stat `/dev/kfd`: Permission denied: OCI permission denied",
    ),
    "build-form-last": (
        AMD + "make: *** [square.hip.out] Error 2",
        AMD + "Makefile:101: recipe for target 'needle_hip.o' failed",
        AMD + "src/a.hip:12:3: error: expected expression",
    ),
    "tool-form-last": (AMD + "pip install x\nerror: invalid value 'rocm6.4' for '--torch-backend <TORCH_BACKEND>'",),
    "death-form-last": (
        AMD + "[8741] signal 6 (-6): Aborted",
        AMD + "  [2199] signal (6.-6): Aborted",
        AMD + "47/294 Test  #47: TestHipATMForceSingle .......***Exception: SegFault  2.77 sec",
        AMD + "OSError: exception: access violation reading 0x0000000000000018",
        AMD + "\n# backtrace\nblender(BLI_system_backtrace+0x34) [0x55bd3dc43314]",
    ),
    "traceback-form-last": (
        AMD + "Traceback (most recent call last):\n  File \"x.py\", line 1\nNameError: name 'x' is not defined",
    ),
    "start-form-last": (AMD + "[Error] (WrappedServer) x-server failed to start within timeout",),
    "device-form-last": (
        AMD + "GFX version detection error",
        AMD + "Could not open drm handle, error code -9",
        AMD + "No compatible GPU found",
    ),
    "assert-last": (
        AMD + "x: /usr/src/rocm-llvm/ADT/Impl.h:1016: int f(): Assertion `Cycle->getHeader() == JoinBlock' failed.",
    ),
    "spoken-of-gpu-last": (
        AMD + "Traceback (most recent call last):\nValueError: the GPU gfx1031 is none of the known ones",
    ),
    "line-of-error-last": (AMD + "ROCm error: something nobody has met before",),
    "opencl-error-last": (AMD + "ERROR: clEnqueueNDRangeKernel() : -36 : CL_INVALID_COMMAND_QUEUE",),
    "nomodeset": ("[drm:amdgpu_init [amdgpu]] *ERROR* VGACON disables amdgpu kernel modesetting.",),
    "driver-error-last": ("[drm:r600_uvd_init [radeon]] *ERROR* something nobody has met before",),
    "by-words-right-to-device": (AMD + "someprog: open(/dev/dri/renderD128): Permission denied",),
    "by-words-module-signature": (AMD + "insmod: ERROR: could not insert module x.ko: Required key not available",),
    "by-words-firmware-file": (AMD + "somedriver: firmware file amdgpu/new_chip.bin could not be found",),
    "by-words-library-of-another-time": (AMD + "someprog: relocation error: unresolved symbol frobnicate in libhip_x",),
    "by-words-made-for-nvidia": (AMD + "someprog: fatal: this program requires a CUDA toolkit",),
    "by-words-library-absent": (AMD + "someprog: failed to dlopen libfrobnicate.so.3",),
    "by-words-memory-full": (AMD + "someprog: error: insufficient VRAM for this scene",),
    "by-words-no-code-for-card": (AMD + "someprog: fatal: no device code in this binary for your card",),
    "by-words-tensile-file": (AMD + "someprog: cannot read tensile_manifest.yaml of rocblas/library",),
    "by-words-page-fault": (AMD + "somekernel: VM_CONTEXT7 said: no address, error",),
    "by-words-hardware-exception": (AMD + "someprog: fatal: hardware exception on the card",),
    "by-words-runtime-not-up": (AMD + "someprog: error: no HIP devices for this job",),
    "by-words-miopen-compiles": (AMD + "someprog: miopen said: error: hiprtc gave up",),
    "by-words-blas-says": (AMD + "someprog: hipsolver failed with a code of its own",),
    "by-words-miopen-says": (AMD + "someprog: miopen call failed",),
    "by-words-rccl-says": (AMD + "someprog: RCCL failed in a way of its own",),
    "by-words-bad-address": (AMD + "someprog: error: illegal address, giving up",),
    "by-words-triton-says": (AMD + "someprog: CompilationError: at 3:4 in a triton kernel",),
    "by-words-compiler-backend": (AMD + "someprog: fatal: unsupported intrinsic of the new kind",),
    "by-words-card-gone": (AMD + "someprog: error: the device was lost",),
    "by-words-ring-hung": (AMD + "someprog: error: GPU hang, giving up",),
    "by-words-card-reset": (AMD + "someprog: error: context reset by the system",),
    "by-words-handed-to-vm": (AMD + "somehost: error: the IOMMU group is not viable",),
    "by-words-kernel-stumbled": (AMD + "somekernel: BUG: something new in mm",),
    "by-words-in-wsl": (AMD + "someprog: the HIP adapter failed to come up\nuname: 5.15 microsoft-standard-WSL2",),
    "by-words-screen-fault": (AMD + "somecompositor: failed to create a swapchain",),
    "by-words-hip-says": (AMD + "someprog: vkCreateFrobnicator failed: -3",),
    "by-words-installer-says": (AMD + "sometool: target not found: frobnicate",),
    "by-words-builder-says": (AMD + "somefile.hip:12:3: fatal error: what is this",),
    "by-words-arch-refused": (AMD + "someprog: fatal: this card is too old",),
    "by-words-no-device": (AMD + "someprog: error: could not see any adapter",),
    "by-words-on-the-processor": (AMD + "someprog: failed, falling back to the CPU",),
    "by-words-illegal-instruction": (AMD + "someprog: SIGILL, gone",),
    "by-words-wrong-numbers-said": (AMD + "someprog: error: NaN in the output",),
    "by-words-did-not-answer": (AMD + "someprog: the worker is stuck",),
    "by-words-ended": (AMD + "someprog: minidump written",),
    "by-words-part-silent": (
        "amdgpu 0000:03:00.0: amdgpu: the new SMU of this card gives no response to message 0x99",
        "[drm:frob_v15_0 [amdgpu]] *ERROR* failed to unmap queue 3 of the MEC",
    ),
    "by-words-driver-start": (
        "amdgpu 0000:03:00.0: amdgpu: frobnicate ip block: unable to set up",
        "[drm:frob_v15_0_hw_init [amdgpu]] *ERROR* PSP create frob failed!",
    ),
    "by-words-not-for-compute": (AMD + "kfd here does not support the chip frob",),
    "by-words-not-its-isa": (AMD + "someprog: failed: invalid_isa",),
    "by-words-out-of-aperture": (AMD + "someprog: fatal: an address beyond the largest legal address",),
    "by-words-too-few-registers": (AMD + "someprog: error: wants more VGPRs than this has",),
    "by-words-package-manager": (AMD + "sometool: error: nothing provides frobnicate >= 3",),
    "by-words-module-not-built": (AMD + "Error! Bad return status for module build on kernel: 9.1.0 (x86_64)",),
    "by-words-compiler-closed": (AMD + "frobc: 3 errors generated.",),
    "by-words-crash-frames": (AMD + "#3  0x00007f25c1e34818 n/a (libamdfrob.so.1 + 0x34818)",),
    "by-words-refused-by-program": (AMD + "someprog: FrobnicateError: the backend is not as it must be",),
}

LOOKALIKES: dict[str, tuple[str, ...]] = {
    "kernel-frames-last": (
        "WARNING: CPU: 3 PID: 800 at drivers/gpu/drm/amd/x.c:200 x+0x1a/0x260 [amdgpu]\nCall Trace:\n"
        " dc_x+0x31e/0x410 [amdgpu]\n dm_x+0xf5a/0x1320 [amdgpu]\n drm_x+0x1/0x2 [drm]",
    ),
    "hiprtc-compile": ("MIOpen(HIP): Error [Compile] HIPRTC_ERROR_COMPILATION",),
    "by-words-installer-says": (AMD + "vllm: Module Not Found",),
    "by-words-triton-says": (AMD + "hipErrorLaunchOutOfResources",),
    "triton-versions": (
        AMD + "A matching Triton is not available, some optimizations will not be enabled\n"
        "ModuleNotFoundError: No module named 'triton'",
    ),
    "ggml-last": (
        AMD + "ggml_cuda_init: x\nerror loading model: error loading model architecture: unknown arch: 'x'",
        AMD + "llama_model_load: error loading model: missing tensor 'output_norm.weight'\n"
        "llama_load_model_from_file: failed to load model",
    ),
    "by-words-card-gone": (
        AMD + "kernel: nvme 0004:41:00.0: can't change power state from D3cold to D0 (config space inaccessible)",
    ),
    "by-words-part-silent": ("amdgpu 0000:03:00.0: amdgpu: SMU is initialized successfully!",),
    "by-words-driver-start": (
        "amdgpu 0000:03:00.0: amdgpu: Fetched VBIOS from VFCT",
        "amdgpu 0000:03:00.0: amdgpu: PSP runtime database doesn't exist",
        "amdgpu 0000:03:00.0: BAR 6 [mem size 0x00020000 pref]: failed to assign",
    ),
    "by-words-ended": (AMD + "01/07 15:30:49 minidumps folder is set to /tmp/dumps",),
    "by-words-firmware-file": (AMD + "cp: cannot stat '/lib/firmware/updates/amdgpu': No such file or directory",),
    "by-words-package-manager": (AMD + "WARNING: jax 0.4.31 does not provide the extra 'rocm'",),
    "by-words-library-absent": (
        AMD + "WARNING: failed to dlopen libfrobnicate.so.3",
        AMD + "someprog: failed to dlopen libfrobnicate.so.3\nRunning on local URL:  http://127.0.0.1:7860",
    ),
    "by-words-no-device": (
        AMD + 'level=INFO msg="could not see any adapter"',
        AMD + "someprog: error: could not see any adapter\nserver is listening on http://127.0.0.1:8080",
    ),
    "by-words-refused-by-program": (
        AMD + "[12:00:01] [debug] FrobnicateError: the backend is not as it must be",
        AMD
        + "someprog: FrobnicateError: the backend is not as it must be\n 50%|#####     | 10/20 [00:12<00:12, 1.23s/it]",
    ),
    "by-words-memory-full": (AMD + "the oomph of this card is 12, error bars 3",),
    "torch-beside-rocm": ("ZLUDA support: experimental\nNo ROCm runtime is found, using ROCM_HOME='C:\\x'",),
    "by-words-kernel-stumbled": (AMD + "Oops\n\nHyprland received signal 6 (Aborted)",),
    "by-words-wrong-numbers-said": (
        AMD + "[ 8.7] x_acpi: module verification failed: signature missing - tainting kernel",
    ),
    "by-words-no-code-for-card": (
        AMD + "[ 8.7] x_acpi: module verification failed: signature missing - tainting kernel",
    ),
    "by-words-screen-fault": (AMD + "E: [pulseaudio] module-alsa-card.c: Failed to find a working profile of hdmi",),
    "pcie-atomics-rejected": ("[    2.1] kfd kfd: amdgpu: skipped device 1002:15d8, PCI rejects atomics 730<0",),
    "pcie-atomics-of-an-apu": ("[    2.1] kfd kfd: amdgpu: skipped device 1002:15d8, PCI rejects atomics 730<0",),
    "exception-last": (
        "site-packages/torch/x.py\nRuntimeError: something that nobody has met before",
        AMD + "site-packages/torch/x.py\nRuntimeError: Error(s) in loading state_dict for Net:",
        AMD + "site-packages/torch/x.py\nOSError: [Errno 28] No space left on device\nRuntimeError: cannot write",
    ),
    "compile-error": ("/b/x.cpp:12:5: error: no matching function for call to 'f'",),
    "rocm-file-missing": (AMD + "sh: 1: /home/me/x: No such file or directory",),
    "hip-sees-none": ("ROCM used to build PyTorch: N/A\nIs CUDA available: False",),
    "package-error-last": (AMD + "apt install rocm\nE: Could not get lock /var/lib/dpkg/lock-frontend.",),
    "engine-error-last": ("[drm:intel_dp_aux_xfer [i915]] *ERROR* AUX A/DDI A/PHY A: timeout",),
    "radeon-ring": ("[drm] ib test on ring 5 succeeded", "i915: fence wait timed out"),
    "iommu-fault": ("nvme 0000:01:00.0: AMD-Vi: Event logged [IO_PAGE_FAULT domain=0x0012 address=0x1",),
    "hip-error-last": ("RuntimeError: CUDA error: too many resources requested for launch",),
    "system-library": ("ImportError: libnuma.so.1: cannot open shared object file: No such file or directory",),
    "gpu-not-reset": ("ring gfx timeout, signaled seq=1\nGPU reset succeeded, trying to resume",),
    "windows-dll": ("AMD GPU\n/home/me: Could not find module 'x.dll' (or one of its dependencies)",),
    "smu-not-started": ("amdgpu: SMU driver if version not matched", "Failed to setup smc hardware monitor"),
    "smu-hang": (
        "amdgpu 0000:0d:00.0: amdgpu: Failed to export SMU metrics table!",
        "amdgpu: [powerplay] failed to send message 146 ret is 65535",
        "kernel: i2c: failed to send message to 0x50",
    ),
    "kernel-vram-full": ("nouveau 0000:01:00.0: fifo\n[TTM] Buffer eviction failed",),
    "display-link": (AMD + "perform_link_training_with_retries: Link(1) training attempt 1 of 4 failed @ rate(20)",),
    "system-too-old": ("ls: /lib/libc.so.6: version `GLIBC_2.34' not found (required by ls)",),
    "torch-parts": (
        "GeForce RTX 3090\namdgpu\noperator torchvision::nms does not exist",
        "operator nms does not exist",
    ),
    "attention-not-for-amd": (
        "torch.nn\nNo operator found for `memory_efficient_attention_forward` with inputs:",
        "GeForce RTX 5060\nRadeon\nNo operator found for `memory_efficient_attention_forward`",
    ),
    "bitsandbytes": ("CUDA Setup failed despite CUDA being available.",),
    "no-opencl": (
        AMD + "Number of platforms                               2",
        AMD + "Successfully initialized the NVIDIA main driver CUDA runtime library.\n"
        "Failed to initialize the AMD main driver HIP runtime library. Please install the AMD HIP SDK.",
    ),
    "hip-guarantee": ("#  Internal Error (os_linux.cpp:39), pid=1, tid=1\n#  guarantee(false) failed",),
    "ggml-hip-error": ("CUDA error: out of memory\n  current device: 0, in function f at ggml-cuda.cu:1",),
    "hip-graph": ("CUDA error: operation not permitted when stream is capturing",),
    "xla-helper-kernel": ("INTERNAL: Failed call to hipMalloc: hipError_t(2)",),
    "kfd-selinux": ('avc:  denied  { map } for pid=1 path="/usr/bin/bash" dev="fuse" tclass=file',),
    "composable-kernel": ("Cloning into '/x/csrc/composable_kernel/include'...",),
    "device-libraries": ("clang: error: cannot find CUDA installation; provide its path via '--cuda-path'",),
    "runner-died": (
        "HSA_OVERRIDE_GFX_VERSION: HTTPS_PROXY: OLLAMA_DEBUG:false\n"
        "Error: llama runner process has terminated: exit status 2",
    ),
    "container-gpus-flag": ('could not select device driver "" with capabilities: [[gpu]].',),
    "crash-in-rocm-frames": (
        "# backtrace\n/usr/bin/blender(+0x1) [0x1]\n/lib/x86_64-linux-gnu/lib/libLLVM.so.17(+0x1)",
    ),
    "python-abi": ("ImportError: /x/site-packages/foo.so: undefined symbol: _Py_ZeroStruct",),
    "hip-error-other": (
        "HIP error: no ROCm-capable device is detected",
        "CUDA error: invalid argument",
        'HIP API error = 0000 "no error"',
    ),
    "rccl-failure": ("NVIDIA RTX A6000\nTest NCCL failure common.cu:1119 'unhandled system error'",),
    "module-not-there": ("modprobe: FATAL: Module nvidia not found",),
    "smi-without-driver": ("WSL\ndriver not initialized (amdgpu not found in modules)",),
    "mailbox-of-a-host": ("wishbone: ACK should not assert here",),
    "link-down": ("pcieport 0000:04:01.0: pciehp: Slot(0-1): Link Down",),
    "kernel-hung": ("INFO: task btrfs:1 blocked for more than 122 seconds.\n btrfs_wait+0x1/0x2 [btrfs]",),
    "vulkan-device-lost": ("VK_ERROR_DEVICE_LOST",),
    "torch-oom-words": ("Apple M4\namdgpu\ntorch.OutOfMemoryError: Allocation on device",),
    "miopen-error": ("MIOpen Error: /x/a.cpp:1: Path to assembler is not provided. Expect performance degradation.",),
    "hipblaslt-unsupported": ("UserWarning: Attempting to use hipBLASLt on an unsupported architecture! Overriding",),
    "hipblas-status": ("Quadro RTX 8000\nError in SGEMM: CUBLAS_STATUS_INTERNAL_ERROR",),
    "rocblas-failed": ("cublas_status_internal_error", "rocBLAS warning: hipBlasLT failed, falling back to tensile."),
    "tensorflow-ignores": (
        "Created device /job:localhost/device:GPU:0 with 7900 MB memory: name: AMD Radeon RX 6600 XT",
    ),
    "jax-no-backend": ("Unable to initialize backend 'tpu': INTERNAL: Failed to open libtpu.so",),
    "onnxruntime-no-provider": ("Specified provider 'CUDAExecutionProvider' is not in available provider names.",),
    "apt-no-package": ("E: Unable to locate package nvidia-driver-999",),
    "apt-unmet": ("The following packages have unmet dependencies:\n libsteam : Depends: libc6:i386",),
    "apt-repository": (
        "E: The repository 'https://ppa.launchpadcontent.net/x noble Release' does not have a Release file.",
    ),
    "pip-no-torch": (
        "ERROR: No matching distribution found for torch==9.9.9",
        AMD + "No matching distribution found for xyz",
    ),
    "wants-nvcc": ("GeForce RTX 3090\namdgpu\nCUDA_HOME environment variable is not set",),
    "container-no-device": (
        "docker: Error response from daemon: could not select device driver with capabilities: [[gpu]]",
    ),
    "kernel-oops": (
        "BUG: kernel NULL pointer dereference, address: 0000000000000010\nRIP: 0010:i915_gem_x+0x1/0x2 [i915]\n"
        "Modules linked in: amdgpu",
        "WARNING: CPU: 2 PID: 173 at drivers/gpu/drm/amd/amdgpu/../display/dc/dc_helper.c:526\n"
        "RIP: 0010:generic_reg_wait.cold+0x26/0x2d [amdgpu]\n---[ end trace 0000000000000000 ]---\n",
    ),
    "vbios-not-found": ("amdgpu 0000:01:00.0: amdgpu: Fetched VBIOS from ROM BAR", "No more image in the PCI ROM"),
    "vfio-reset": ("NVIDIA GeForce\namdgpu\nvfio-pci 0000:01:00.0: timed out waiting for pending transaction",),
    "smu-all-ones": ("amdgpu: failed to send message 15e ret is 0",),
    "ring-timeout-graphics": ("amdgpu: ring sdma0 timeout, signaled seq=1, emitted seq=2",),
    "ring-timeout": (
        "amdgpu: ring gfx_0.0.0 timeout, signaled seq=1, emitted seq=2",
        "ring the bell: timeout, signaled by nobody",
    ),
    "display-hang": ("i915 0000:00:02.0: [drm] *ERROR* [CRTC:98:pipe A] flip_done timed out",),
    "pageflip": ("kwin_wayland[1684]: Pageflip timed out! This is a bug in the nvidia-drm kernel driver",),
    "torch-without-hip": (
        "GeForce RTX 3090\nRuntimeError: No CUDA GPUs are available",
        "torch.version.hip: 6.4.43482",
        AMD + "Warning: caught exception 'Torch not compiled with CUDA enabled', memory monitor disabled",
    ),
    "cuda-library-missing": (
        "ImportError: libcudart.so.12: cannot open shared object file: No such file or directory",
    ),
    "nan-numbers": (
        "NansException: A tensor with all NaNs was produced in VAE.",
        "Apple M4\ninvalid value encountered in cast",
    ),
    "triton-compile": ("RuntimeError: PassManager::run failed",),
    "triton-no-compiler": (
        "could not exec /usr/bin/foo: No such file or directory",
        "RuntimeError: Failed to find C compiler. Please specify via CC environment variable.",
    ),
    "wsl-runtime": ("WSL environment detected.\n=====\nHSA System Attributes",),
    "firmware-page-fault": ("amdgpu: [gfxhub] page fault (src_id:0 ring:24 vmid:4 pasid:10)", "client ID: TCP (0x8)"),
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
    "kfd-permission": (
        "Able to open /dev/kfd read-write",
        "Permission denied: '/dev/kvm'",
        "open /dev/dri/renderD128: Permission denied",
    ),
    "kfd-open-einval": ("Unable to open /dev/kfd read-write: Permission denied",),
    "undefined-symbol": ("ImportError: /x/libfoo.so: undefined symbol: cudaGetDeviceCount",),
    "library-missing": ("ImportError: libcudart.so.11.0: cannot open shared object file: No such file or directory",),
    "heap-of-mixed-libraries": ("free(): invalid pointer",),
    "arch-in-words": ("amdgpu: gfx1030 found\nthis option is not supported",),
    "tensile-missing": ('rocblaslt error: Cannot read "TensileLibrary_lazy_gfx1151.dat": No such file or directory',),
    "invalid-device-function": ("RuntimeError: CUDA error: no kernel image is available for execution on the device",),
    "l2-page-fault": ("BUG: unable to handle page fault for address: ffffffffc0a1",),
    "memory-access-fault": ("CUDA error: an illegal memory access was encountered", "MMU Fault: ENGINE GRAPHICS"),
    "hw-exception": ("RuntimeError: CUDA error: unspecified launch failure",),
    "gpu-reset": (
        "i915 0000:00:02.0: [drm] GPU HANG: ecode 12:1:85dcfdfb",
        "GPU 00000000:01:00.0 was successfully reset.",
    ),
    "hip-oom": ("torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 MiB.",),
    "ggml-oom": ("found 1 CUDA devices\nallocating 2000 MiB on device 0: cudaMalloc failed: out of memory",),
    "build-stopped": ("nvcc\nninja: build stopped: subcommand failed.", "ERROR: Failed building wheel for flash-attn"),
    "segfault": ("Segmentation fault (core dumped)", "torch/x.py\nFatal Python error: Segmentation fault"),
    "segfault-in-rocm": ("bash[1]: segfault at 0 ip 0000 sp 0000 error 4 in libc.so.6[7f+1000]",),
    "module-refused": ("modprobe: ERROR: could not insert 'nouveau': No such device",),
    "xorg-no-device": (
        "(EE) NVIDIA(0): Failed to initialize the NVIDIA GPU",
        "(EE) [drm] Failed to open DRM device for pci:0000:01:00.0: -19",
    ),
    "windows-driver-reset": (
        "NVIDIA GeForce RTX 3090\nDXGI_ERROR_DEVICE_REMOVED",
        "Display driver nvlddmkm stopped responding and has successfully recovered.",
    ),
    "kubernetes-no-device": (
        "0/1 nodes are available: 1 Insufficient nvidia.com/gpu.",
        "plugin.go:136] Found 2 AMDGPUs",
        "amd-device-plugin-6h7tt          1/1     Running   0     29s\nweb-1   0/1   CrashLoopBackOff",
    ),
    "repository-key": ("curl https://example.org/key | gpg --dearmor\ngpg: no valid OpenPGP data found.",),
    "rocm-sdk-broken": ("ModuleNotFoundError: No module named 'requests'",),
    "xla-bitcode": ("error: bitcode module is not valid",),
    "stream-executor-blas": ("NVIDIA GeForce RTX 3060\nBlas GEMM launch failed : a.shape=(100, 784)",),
    "stream-executor-dnn": ("Failed to determine best cudnn convolution algorithm",),
    "zluda-cudnn": ("RuntimeError: cuDNN error: CUDNN_STATUS_INTERNAL_ERROR",),
    "ollama-timeout": ("timed out waiting for llama runner to start",),
    "ollama-eof": ('ollama serve\nError: POST predict: Post "http://127.0.0.1:41245/completion": EOF',),
    "zluda-oom": ("torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.",),
    "opencl-oom": ("NVIDIA GeForce GTX 1080\nclEnqueueNDRangeKernel failed: CL_OUT_OF_RESOURCES",),
    "killed-last": ('msg="llama runner process has terminated: signal: killed"',),
    "smi-init": ("nvmlInit_v2 failed: 9",),
    "smi-permission": ("cat: /sys/class/drm/card0/device/vendor: Permission denied",),
    "clr-log-last": (
        ":3:hip_memory.cpp           :615 : 1024512345 us: [pid:77 tid:0x7f0]  hipMalloc: Returned hipErrorNotReady",
    ),
    "kfd-not-supported": (
        "rtl8723de 0000:02:00.0: enabling device (0000 -> 0003)\namdgpu 0000:00:01.0: kfd not supported on this ASIC",
    ),
    "kfd-not-supported-asked": (
        "EXT4-fs (sda2): mounted filesystem\namdgpu 0000:00:01.0: kfd not supported on this ASIC",
    ),
    "windows-pagefile": (
        "NVIDIA GeForce RTX 3060, platform: Windows\nOSError: [WinError 1455] The paging file is too "
        "small for this operation to complete.",
    ),
    "image-not-there": ("manifest for nvidia/cuda:13 not found: manifest unknown",),
    "windows-installer": ("NVIDIA GeForce\nAMD Ryzen\nNVIDIA Installer failed",),
    "driver-words-last": (
        "amdgpu 0000:03:00.0: [drm] REG_WAIT timeout 1us * 100000 tries - optc1_wait_for_state line:839",
        "amdgpu 0000:0b:00.0: amdgpu: failed to suspend display audio",
    ),
    "shader-interrupt": ("sq_intr: auto, se 0, ttrace 0, wlt 0",),
    "video-driver": ("Intel(R) Arc A380\nFailed to initialise VAAPI connection: -1 (unknown libva error).",),
    "mesa-too-old": ("amdgpu: unknown parameter ignored",),
    "two-llvms": ("clang: CommandLine Error: Option 'x' registered more than once!",),
    "hsa-status-last": ("HSA_STATUS_ERROR_MEMORY_FAULT: Agent attempted to access an inaccessible address.",),
    "opencl-driver-refused": (AMD + "* Device #1: Outdated or broken NVIDIA driver '310.1' detected!",),
    "opencl-call-last": ("clEnqueueNDRangeKernel(): CL_INVALID_COMMAND_QUEUE",),
    "driver-of-other-width": (
        "radeonsi libfoo.so: wrong ELF class: ELFCLASS32",
        AMD + "/usr/lib/i386-linux-gnu/libvulkan_radeon.so: wrong ELF class: ELFCLASS32",
    ),
    "video-call-failed": (
        "NVIDIA-SMI\n[h264_vaapi @ 0x5560146fb940] No usable encoding profile found.",
        "Fatal: Couldn't find any encoder",
        AMD + "Info: Couldn't find encoder x, trying the next",
    ),
    "llamafile-no-gpu": (
        "fatal error: --n-gpu-layers 35 was passed but no gpus were found",
        AMD + "warning: --n-gpu-layers 35 was passed but no GPUs were found; falling back to CPU inference",
    ),
    "zluda-basic-test": ("ZLUDA device=0 passed the basic operation test",),
    "no-screen": ("(EE) no screens found(EE)", AMD + '(EE) Failed to load module "fbdev" (module does not exist, 0)'),
    "container-group": ("docker: Error response from daemon: Unable to find group render: no matching entries",),
    "build-form-last": (AMD + "make: Nothing to be done for 'all'.", "make: *** [all] Error 2"),
    "tool-form-last": ("pip install x\nerror: invalid value", AMD + "error: something in the log of a program"),
    "death-form-last": (
        "[8741] signal 6 (-6): Aborted",
        AMD + "exited with code 0",
        AMD + "process exited: exit code 1 expected",
    ),
    "traceback-form-last": (
        AMD + "Traceback (most recent call last):\n  File \"x.py\"\nModuleNotFoundError: No module named 'cv2'",
        AMD + 'Traceback (most recent call last):\n  File "x.py"\nKeyboardInterrupt',
    ),
    "start-form-last": (AMD + "server timeout is 30 s",),
    "device-form-last": (
        AMD + "The installed version of bitsandbytes was compiled without GPU support. GPU unavailable.",
        AMD + "Could not load NVML: no NVIDIA GPU",
        AMD + "ROCm GPU architecture detection failed despite ROCm being available.",
        AMD + "found 1 GPU",
    ),
    "assert-last": ("main: a.cpp:12: int main(): Assertion `x' failed.",),
    "spoken-of-gpu-last": (
        AMD + "Traceback (most recent call last):\nValueError: invalid literal for int() with base 10: 'x'",
        "ValueError: no GPU here",
    ),
    "line-of-error-last": ("rocm-llama-cpp: error reading /x/rocm/metadata.json: permission denied",),
    "opencl-error-last": (AMD + "clGetDeviceInfo(): CL_SUCCESS",),
    "nomodeset": (
        "NVIDIA GeForce RTX 3060\namdgpu\nBooted with the nomodeset parameter. Only the system "
        "framebuffer will be available",
    ),
    "driver-error-last": (
        "[drm:dc_link_detect [amdgpu]] *ERROR* No EDID read.",
        "[drm:retrieve_link_cap [amdgpu]] *ERROR* retrieve_link_cap: Read receiver caps dpcd data failed.",
        "[drm:amdgpu_dm_atomic_check [amdgpu]] *ERROR* something of the display",
    ),
}
