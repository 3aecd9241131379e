/* SPDX-License-Identifier: MIT */
/* From the path of a URL to a file beneath the directory that is served. RFC 3986 2.1 */
#include "http_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <strings.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Without openat2 (Linux before 5.6): step by step, through no symbolic link and never upwards. */
static int walk(int directory, const char *path)
{
    int at = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    while (at >= 0 && *path != '\0') {
        char name[256];
        size_t n = strcspn(path, "/");
        int next;

        if (n >= sizeof name || (n == 2u && path[0] == '.' && path[1] == '.')) {
            close(at);
            errno = ENOENT;
            return -1;
        }
        memcpy(name, path, n);
        name[n] = '\0';
        path += n + strspn(path + n, "/");
        if (n == 0u || strcmp(name, ".") == 0)
            continue;
        next = openat(at, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        close(at);
        at = next;
    }
    return at;
}

int sq_http_open_beneath(int directory, const char *path)
{
    struct open_how how = {.flags = O_RDONLY | O_NONBLOCK | O_CLOEXEC,
                           .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS};
    long fd;

    if (*path == '\0')
        path = ".";
    fd = syscall(SYS_openat2, directory, path, &how, sizeof how);
    if (fd < 0 && (errno == ENOSYS || errno == EPERM))
        return walk(directory, path);
    return (int)fd;
}

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool sq_http_decode(char *to, const char *from, size_t n)
{
    for (size_t i = 0u; i < n; i++) {
        if (from[i] == '%') {
            int high = i + 1u < n ? digit(from[i + 1u]) : -1,
                low = i + 2u < n ? digit(from[i + 2u]) : -1;

            if (high < 0 || low < 0 || high + low == 0)
                return false;
            *to++ = (char)(high * 16 + low);
            i += 2u;
        } else {
            *to++ = from[i];
        }
    }
    *to = '\0';
    return true;
}

const char *sq_http_type(const char *path)
{
    static const char *const type[][2] = {
        {"html", "text/html; charset=utf-8"},
        {"htm", "text/html; charset=utf-8"},
        {"txt", "text/plain; charset=utf-8"},
        {"md", "text/markdown; charset=utf-8"},
        {"css", "text/css; charset=utf-8"},
        {"js", "text/javascript; charset=utf-8"},
        {"mjs", "text/javascript; charset=utf-8"},
        {"json", "application/json"},
        {"xml", "application/xml"},
        {"csv", "text/csv; charset=utf-8"},
        {"svg", "image/svg+xml"},
        {"png", "image/png"},
        {"jpg", "image/jpeg"},
        {"jpeg", "image/jpeg"},
        {"gif", "image/gif"},
        {"webp", "image/webp"},
        {"ico", "image/vnd.microsoft.icon"},
        {"pdf", "application/pdf"},
        {"wasm", "application/wasm"},
        {"woff2", "font/woff2"},
        {"mp4", "video/mp4"},
        {"mp3", "audio/mpeg"},
        {"gz", "application/gzip"},
        {"zip", "application/zip"},
    };
    const char *dot = strrchr(path, '.');

    for (size_t i = 0u; dot != NULL && i < sizeof type / sizeof type[0]; i++) {
        if (strcasecmp(dot + 1, type[i][0]) == 0)
            return type[i][1];
    }
    return "application/octet-stream";
}
