/* What MIOpen sees instead of a GPU: HIP, rocBLAS and roctx of our own, and no compiler.

   The device's name, compute units and memory are $FAKE_GFX, $FAKE_CU and $FAKE_GIB. Nothing is computed: memory is a
   token, events and copies do nothing. MIOpen starts compilers and the assembler by popen; of these only the question
   whether the assembler knows AMD's GPUs is answered (yes, as Debian's clang does), any other command cannot be
   started, so that a Find ends where it would compile. By then it has logged which solvers it found applicable.
   One object stands for libamdhip64.so.6, librocblas.so.4 and libroctx64.so.4 (fake.map has the symbols' versions). */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef void *Any;
static int token;

static long number(const char *name, long fallback) {
    const char *text = getenv(name);
    return text ? atol(text) : fallback;
}
static size_t memory(void) { return (size_t)number("FAKE_GIB", 8) << 30; }
static const char *gfx(void) {
    const char *name = getenv("FAKE_GFX");
    return name ? name : "gfx1010";
}
static int wave(void) { return strncmp(gfx(), "gfx9", 4) ? 32 : 64; }

/* hipDeviceAttribute_t of HIP 6 */
enum { CLOCK = 5, MAJOR = 23, THREADS = 56, MINOR = 61, UNITS = 63, SHARED = 74, WARP = 87 };

int hipDeviceGetAttribute(int *value, int attribute, int device) {
    (void)device;
    switch (attribute) {
    case WARP: *value = wave(); break;
    case UNITS: *value = (int)number("FAKE_CU", 36); break;
    case THREADS: *value = 1024; break;
    case SHARED: *value = 65536; break;
    case CLOCK: *value = 1750000; break;
    case MAJOR: *value = 10; break;
    case MINOR: *value = 1; break;
    default: *value = 0;
    }
    return 0;
}

/* hipDeviceProp_tR0600 by its offsets (hip_runtime_api.h 6.4): size 1472 */
int hipGetDevicePropertiesR0600(char *props, int device) {
    (void)device;
    memset(props, 0, 1472);
    strcpy(props, "AMD Radeon of tests/oracle");
    strcpy(props + 1160, gfx());             /* gcnArchName */
    *(size_t *)(props + 288) = memory();     /* totalGlobalMem */
    *(size_t *)(props + 296) = 65536;        /* sharedMemPerBlock */
    *(int *)(props + 308) = wave();          /* warpSize */
    *(int *)(props + 320) = 1024;            /* maxThreadsPerBlock */
    *(int *)(props + 348) = 1750000;         /* clockRate */
    *(int *)(props + 360) = 10;              /* major */
    *(int *)(props + 364) = 1;               /* minor */
    *(int *)(props + 388) = (int)number("FAKE_CU", 36); /* multiProcessorCount */
    return 0;
}

int hipDeviceTotalMem(size_t *bytes, int device) { (void)device; *bytes = memory(); return 0; }
int hipMemGetInfo(size_t *free, size_t *total) { *total = memory(); *free = memory() - ((size_t)1 << 30); return 0; }
int hipGetDevice(int *device) { *device = 0; return 0; }
const char *hipGetErrorString(int error) { (void)error; return "of tests/oracle"; }
int hipMemPtrGetInfo(Any at, size_t *size) { (void)at; *size = 1 << 20; return 0; }
int hipEventElapsedTime(float *ms, Any from, Any to) { (void)from; (void)to; *ms = 0.01f; return 0; }

#define GIVES(name) int name(Any *out) { *out = &token; return 0; }
GIVES(hipMalloc) GIVES(hipHostMalloc) GIVES(hipEventCreate) GIVES(hipEventCreateWithFlags)
GIVES(hipStreamCreateWithFlags) GIVES(hipModuleLoad) GIVES(hipModuleLoadData) GIVES(hipModuleGetFunction)
GIVES(rocblas_create_handle)

#define DOES_NOTHING(name) int name(void) { return 0; }
DOES_NOTHING(hipInit) DOES_NOTHING(hipSetDevice) DOES_NOTHING(hipFree) DOES_NOTHING(hipMemcpy)
DOES_NOTHING(hipMemcpyWithStream) DOES_NOTHING(hipMemsetAsync) DOES_NOTHING(hipEventDestroy)
DOES_NOTHING(hipEventRecord) DOES_NOTHING(hipEventSynchronize) DOES_NOTHING(hipStreamDestroy)
DOES_NOTHING(hipStreamSynchronize) DOES_NOTHING(hipStreamWaitEvent) DOES_NOTHING(hipModuleUnload)
DOES_NOTHING(hipExtModuleLaunchKernel) DOES_NOTHING(hipModuleLaunchCooperativeKernel)
DOES_NOTHING(rocblas_destroy_handle) DOES_NOTHING(rocblas_set_stream) DOES_NOTHING(rocblas_get_atomics_mode)
DOES_NOTHING(rocblas_set_atomics_mode) DOES_NOTHING(rocblas_gemm_ex) DOES_NOTHING(rocblas_gemm_ex3)
DOES_NOTHING(rocblas_gemm_strided_batched_ex) DOES_NOTHING(rocblas_gemm_strided_batched_ex3)
DOES_NOTHING(rocblas_sgemv) DOES_NOTHING(roctxRangePushA) DOES_NOTHING(roctxRangePop)

static const char ASSEMBLER[] =
    "Debian clang version 21.1.8 (14)\nTarget: amdgcn-unknown-amdhsa\nThread model: posix\n"
    "  Registered Targets:\n    amdgcn - AMD GCN GPUs\n";

FILE *popen(const char *command, const char *mode) {
    (void)mode;
    if (getenv("FAKE_VERBOSE"))
        fprintf(stderr, "popen: %s\n", command);
    if (strstr(command, " --version"))
        return fmemopen((void *)ASSEMBLER, sizeof ASSEMBLER - 1, "r");
    errno = ENOENT;
    return NULL;
}
int pclose(FILE *stream) { return fclose(stream) ? -1 : 0; }

/* MIOpen's log is flushed after each word; it is read when all is asked. */
int fflush(FILE *stream) { return stream == stderr ? 0 : fflush_unlocked(stream); }
__attribute__((constructor)) static void log_in_blocks(void) { setvbuf(stderr, NULL, _IOFBF, 1 << 20); }
