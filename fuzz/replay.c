/* SPDX-License-Identifier: MIT */
/* Runs inputs through one target without a fuzzer: files, or every file of a folder. Any C compiler will do. */
#include "fuzz.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define INPUT_MAX (1u << 20)

static unsigned long inputs;

static int file(const char *path)
{
    static uint8_t data[INPUT_MAX + 1u];
    FILE *f = fopen(path, "rb");
    uint8_t *exact;
    size_t n;

    if (f == NULL) {
        fprintf(stderr, "replay: %s: %s\n", path, strerror(errno));
        return 2;
    }
    n = fread(data, 1u, sizeof data, f);
    fclose(f);
    if (n > INPUT_MAX) {
        fprintf(stderr, "replay: %s: more than %u bytes\n", path, INPUT_MAX);
        return 2;
    }
    exact =
        malloc(n == 0u ? 1u : n); /* of its own size, so that a sanitizer sees what lies behind */
    if (exact == NULL) {
        fputs("replay: out of memory\n", stderr);
        return 2;
    }
    memcpy(exact, data, n);
    fprintf(stderr, "%s", getenv("FUZZ_VERBOSE") != NULL ? path : "");
    LLVMFuzzerTestOneInput(exact, n);
    free(exact);
    inputs++;
    return 0;
}

static int folder(const char *path)
{
    DIR *d = opendir(path);
    struct dirent *e;
    int status = 0;

    if (d == NULL) {
        fprintf(stderr, "replay: %s: %s\n", path, strerror(errno));
        return 2;
    }
    while (status == 0 && (e = readdir(d)) != NULL) {
        char name[4096];

        if (e->d_name[0] != '.') {
            snprintf(name, sizeof name, "%s/%s", path, e->d_name);
            status = file(name);
        }
    }
    closedir(d);
    return status;
}

int main(int argc, char **argv)
{
    int status = 0;

    if (argc < 2 || strcmp(argv[1], "--help") == 0) {
        printf("usage: %s FILE-OR-FOLDER...   runs each input once; aborts where a contract is "
               "broken\n",
               argv[0]);
        return argc < 2 ? 2 : 0;
    }
    for (int i = 1; i < argc && status == 0; i++) {
        struct stat s;

        status = stat(argv[i], &s) == 0 && S_ISDIR(s.st_mode) ? folder(argv[i]) : file(argv[i]);
    }
    if (status == 0) {
        printf("%s: %lu inputs, no contract broken\n", argv[0], inputs);
    }
    return status;
}
