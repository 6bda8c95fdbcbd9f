/* Asks MIOpen's Find one convolution after another: a line of standard input each, which is repeated on standard error
   before what MIOpen logs of it. A line: pass (0 forward, 1 backward data, 2 backward weights), type (miopenDataType_t),
   spatial dimensions, batch, channels in and out, groups, kernel, stride, padding, then the size of each dimension. */
#include <stdint.h>
#include <stdio.h>

typedef void *Any;
extern int miopenCreate(Any *), miopenGetVersion(size_t *, size_t *, size_t *);
extern int miopenCreateTensorDescriptor(Any *), miopenSetTensorDescriptor(Any, int, int, const int *, const int *);
extern int miopenDestroyTensorDescriptor(Any), miopenDestroyConvolutionDescriptor(Any), miopenDestroyProblem(Any);
extern int miopenCreateConvolutionDescriptor(Any *), miopenSetConvolutionGroupCount(Any, int);
extern int miopenInitConvolutionNdDescriptor(Any, int, const int *, const int *, const int *, int);
extern int miopenCreateConvProblem(Any *, Any, int), miopenSetProblemTensorDescriptor(Any, int, Any);
extern int miopenFindSolutions(Any, Any, Any, Any *, size_t *, size_t), miopenDestroySolution(Any);

static int problem_tensor(Any problem, int which, int type, int rank, const int *sizes) {
    Any tensor;
    int strides[5] = {0}, failed;
    for (int i = rank - 1, step = 1; i >= 0; step *= sizes[i--])
        strides[i] = step;
    failed = miopenCreateTensorDescriptor(&tensor) || miopenSetTensorDescriptor(tensor, type, rank, sizes, strides) ||
             miopenSetProblemTensorDescriptor(problem, which, tensor);
    miopenDestroyTensorDescriptor(tensor);
    return failed;
}

static int ask(Any handle, const int *q, const int *size) {
    enum { PASS, TYPE, RANK, BATCH, IN, OUT, GROUPS, KERNEL, STRIDE, PADDING };
    int x[5] = {q[BATCH], q[IN]}, w[5] = {q[OUT], q[IN] / q[GROUPS]}, y[5] = {q[BATCH], q[OUT]};
    int pads[3], strides[3], dilations[3], rank = q[RANK];
    Any convolution, problem, found[64];
    size_t count = 0;
    for (int i = 0; i < rank; i++) {
        pads[i] = q[PADDING], strides[i] = q[STRIDE], dilations[i] = 1;
        x[i + 2] = size[i], w[i + 2] = q[KERNEL];
        y[i + 2] = (size[i] + 2 * q[PADDING] - q[KERNEL]) / q[STRIDE] + 1;
    }
    if (miopenCreateConvolutionDescriptor(&convolution) ||
        miopenInitConvolutionNdDescriptor(convolution, rank, pads, strides, dilations, 0) ||
        miopenSetConvolutionGroupCount(convolution, q[GROUPS]) ||
        miopenCreateConvProblem(&problem, convolution, q[PASS]) || problem_tensor(problem, 1, q[TYPE], rank + 2, x) ||
        problem_tensor(problem, 2, q[TYPE], rank + 2, w) || problem_tensor(problem, 3, q[TYPE], rank + 2, y))
        return 1;
    miopenFindSolutions(handle, problem, NULL, found, &count, 64); /* it fails where it would compile: see fake.c */
    for (size_t i = 0; i < count; i++)
        miopenDestroySolution(found[i]);
    miopenDestroyProblem(problem);
    miopenDestroyConvolutionDescriptor(convolution);
    return 0;
}

int main(void) {
    char line[256];
    Any handle;
    size_t major, minor, patch;
    if (miopenGetVersion(&major, &minor, &patch) || miopenCreate(&handle))
        return 2;
    printf("%zu.%zu.%zu\n", major, minor, patch);
    while (fgets(line, sizeof line, stdin)) {
        int q[10], size[3] = {0};
        int read = sscanf(line, "%d %d %d %d %d %d %d %d %d %d %d %d %d", q, q + 1, q + 2, q + 3, q + 4, q + 5, q + 6,
                          q + 7, q + 8, q + 9, size, size + 1, size + 2);
        fprintf(stderr, "\n@ %s", line);
        if (read != 10 + q[2] || ask(handle, q, size))
            return 3;
    }
    fprintf(stderr, "\n@ end\n");
    return 0;
}
