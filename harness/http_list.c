/* SPDX-License-Identifier: MIT */
/* A page for a directory without index.html: its files by name, with size and time. The page is a file in memory, so
   that it is sent as every other. Names that begin with a dot are left out. */
#include "http_parts.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define NAMES_MAX 10000u /* a longer directory is cut, and says so */

/* Text inside HTML, attributes included. */
static void put_text(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        switch (*text) {
        case '<':
            fputs("&lt;", out);
            break;
        case '>':
            fputs("&gt;", out);
            break;
        case '&':
            fputs("&amp;", out);
            break;
        case '"':
            fputs("&quot;", out);
            break;
        case '\'':
            fputs("&#39;", out);
            break;
        default:
            fputc(*text, out);
            break;
        }
    }
}

/* A name as a segment of a path; "./" before it, so that no colon in it makes it a scheme. RFC 3986 2.3, 4.2 */
static void put_link(FILE *out, const char *name)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

    fputs("./", out);
    for (; *name != '\0'; name++) {
        if (strchr(plain, *name) != NULL)
            fputc(*name, out);
        else
            fprintf(out, "%%%02X", (unsigned)(unsigned char)*name);
    }
}

static void put_entry(FILE *out, int directory, const char *name)
{
    struct stat st;
    struct tm tm;
    char when[32] = "";
    const char *slash;

    if (fstatat(directory, name, &st, 0) != 0 || (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)))
        return;
    slash = S_ISDIR(st.st_mode) ? "/" : "";
    if (gmtime_r(&st.st_mtime, &tm) != NULL)
        strftime(when, sizeof when, "%Y-%m-%d %H:%M:%S", &tm);
    fputs("<tr><td><a href=\"", out);
    put_link(out, name);
    fprintf(out, "%s\">", slash);
    put_text(out, name);
    fprintf(out, "%s</a><td class=n>", slash);
    if (S_ISREG(st.st_mode))
        fprintf(out, "%" PRIu64, (uint64_t)st.st_size);
    fprintf(out, "<td>%s\n", when);
}

static int by_name(const void *a, const void *b)
{
    const char *const *x = a, *const *y = b;

    return strcmp(*x, *y);
}

static void put_page(FILE *out, int directory, const char *path, char **name, size_t names,
                     bool cut)
{
    fputs("<!doctype html><meta charset=utf-8><title>", out);
    put_text(out, path);
    fputs("</title><style>body{font-family:sans-serif}td{padding:0 1em 0 0}.n{text-align:right}"
          "</style><h1>",
          out);
    put_text(out, path);
    fputs("</h1><table>\n", out);
    if (strcmp(path, "/") != 0)
        fputs("<tr><td><a href=\"../\">../</a><td><td>\n", out);
    for (size_t i = 0u; i < names; i++)
        put_entry(out, directory, name[i]);
    fprintf(out, "</table>%s\n", cut ? "<p>There are more files than this page shows.</p>" : "");
}

/* The names in a directory, sorted. */
static size_t read_names(DIR *d, char **name, bool *cut)
{
    size_t n = 0u;
    const struct dirent *e;

    *cut = false;
    while ((e = readdir(d)) != NULL) {
        if (e->d_name[0] == '.')
            continue;
        if (n == NAMES_MAX) {
            *cut = true;
            break;
        }
        name[n] = strdup(e->d_name);
        n += name[n] != NULL;
    }
    qsort(name, n, sizeof *name, by_name);
    return n;
}

int sq_http_list(int directory, const char *path)
{
    DIR *d = fdopendir(directory);
    char **name = calloc(NAMES_MAX, sizeof *name);
    int file = memfd_create("sequent-page", MFD_CLOEXEC), copy = file < 0 ? -1 : dup(file);
    FILE *out = copy < 0 ? NULL : fdopen(copy, "w");
    bool cut, done = false;
    size_t n = 0u;

    if (d != NULL && name != NULL && out != NULL) {
        n = read_names(d, name, &cut);
        put_page(out, dirfd(d), path, name, n, cut);
        done = fflush(out) == 0;
    }
    while (n > 0u)
        free(name[--n]);
    free(name);
    if (out != NULL)
        fclose(out);
    else if (copy >= 0)
        close(copy);
    if (d != NULL)
        closedir(d);
    else
        close(directory);
    if (!done && file >= 0) {
        close(file);
        file = -1;
        errno = ENOMEM;
    }
    return file;
}
