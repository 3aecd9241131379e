/* SPDX-License-Identifier: MIT */
/* Runs wire scripts: all of them as TAP, or those named with a report of each line. */
#include "tests/script/script.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>

enum { COMMENTS_MIN = 2, COMMENTS_MAX = 8 };

static const char help[] =
    "usage: test_script [-q] [SCRIPT.pkt ...]\n"
    "Runs wire scripts against the core under virtual time. Without a name: all of tests/script, "
    "as TAP, from the\n"
    "top of the tree. With names: a report of each line, the time, the state it leaves, and what "
    "was sent; -q says\n"
    "only what failed. Each script runs with six pairs of initial sequence numbers.\n"
    "The language: tests/script/README.md. Exit status: 0 all passed, 1 some failed, 2 it could "
    "not be run.\n";

static struct script script; /* large */
static uint32_t tests, failures;

/* ---- TAP ---- */

/* Every line of the text behind a #. */
static void diagnose(const char *text)
{
    while (*text != '\0') {
        size_t n = strcspn(text, "\n");

        printf("# %.*s\n", (int)n, text);
        text += n + (text[n] == '\n');
    }
}

static void verdict(bool good, const char *path, const char *what, const char *why)
{
    tests++;
    failures += !good;
    printf("%sok %u - %s%s\n", good ? "" : "not ", tests, path, what);
    if (!good) {
        diagnose(why);
    }
}

/* ---- one script ---- */

/* With every pair of numbers; the first failure, with the pair it happened at. */
static void run_all(struct script_outcome *o)
{
    for (uint32_t i = 0u; i < SCRIPT_NUMBERS; i++) {
        script_run(&script, &script_numbers[i], NULL, o);
        if (o->error[0] != '\0') {
            size_t n = strlen(o->error);

            if (i > 0u) {
                snprintf(o->error + n, sizeof o->error - n, "\n  with ISS %u, IRS %u",
                         script_numbers[i].iss, script_numbers[i].irs);
            }
            return;
        }
    }
}

/* A script teaches: a licence line, then comments that say what is shown and name the RFC; "" or what is missing. */
static const char *untaught(void)
{
    uint32_t comments = 0u;
    bool rfc = false;

    if (strstr(script.source[0], "SPDX-License-Identifier: MIT") == NULL) {
        return "its first line is not the SPDX line";
    }
    for (uint32_t i = 1u; i < script.source_lines; i++) {
        if (strncmp(script.source[i], "//", 2u) != 0) {
            break;
        }
        comments++;
        rfc = rfc || strstr(script.source[i], "RFC ") != NULL;
    }
    if (comments < COMMENTS_MIN || comments > COMMENTS_MAX) {
        return "it begins with 2 to 8 lines of comment that say what is shown";
    }
    return rfc ? "" : "the comment at its head names no RFC";
}

static void test_one(const char *path)
{
    static struct script_outcome o;
    struct script_spoiled spoiled;
    char what[100];

    if (!script_read(&script, path)) {
        verdict(false, path, "", script.error);
        return;
    }
    run_all(&o);
    if (o.error[0] == '\0' && untaught()[0] != '\0') {
        snprintf(o.error, sizeof o.error, "%s: %s", path, untaught());
    }
    verdict(o.error[0] == '\0', path, "", o.error);
    if (o.error[0] == '\0') {
        script_spoil(&script, &spoiled);
        snprintf(what, sizeof what, ": %u expectations made wrong are noticed", spoiled.tried);
        verdict(spoiled.missed == 0u && spoiled.tried > 0u, path, what, spoiled.first);
    }
}

/* A script that must fail, with the message its comment names. */
static void test_wrong(const char *path)
{
    static struct script_outcome o;
    const char *said;
    char why[1600];

    o.error[0] = '\0';
    if (script_read(&script, path)) {
        run_all(&o);
    }
    said = script.error[0] != '\0' ? script.error : o.error;
    snprintf(why, sizeof why, "expected %s\ngot      %s", script.wanted,
             said[0] == '\0' ? "no error" : said);
    verdict(script.wanted[0] != '\0' && strstr(said, script.wanted) != NULL, path,
            ": fails as it must", why);
}

/* What the RFC asks and the core does not do yet: expected to fail, for the reason the script gives after "// todo: ". One
   that passes moves up a folder; one that cannot be read fails. */
static void test_todo(const char *path)
{
    static struct script_outcome o;
    const char *reason = "";

    if (!script_read(&script, path)) {
        verdict(false, path, "", script.error);
        return;
    }
    for (uint32_t i = 0u; i < script.source_lines; i++) {
        if (strncmp(script.source[i], "// todo: ", 9u) == 0) {
            reason = script.source[i] + 9;
        }
    }
    if (reason[0] == '\0') {
        verdict(false, path, "", "no line of it says \"// todo: \" and why it fails");
        return;
    }
    run_all(&o);
    tests++;
    printf("%sok %u - %s # TODO %s\n", o.error[0] == '\0' ? "" : "not ", tests, path, reason);
    diagnose(o.error);
}

static void test_folder(const char *pattern, void (*test)(const char *))
{
    glob_t found;

    if (glob(pattern, 0, NULL, &found) != 0) {
        printf("Bail out! %s: there are none; run from the top of the tree\n", pattern);
        exit(2);
    }
    for (size_t i = 0u; i < found.gl_pathc; i++) {
        test(found.gl_pathv[i]);
    }
    globfree(&found);
}

/* ---- a report ---- */

/* 0, 1 or 2, as the program's exit status. */
static int show(const char *path, bool quiet)
{
    static struct script_outcome o;

    if (!quiet) {
        printf("%s\n", path);
    }
    if (!script_read(&script, path)) {
        printf("%s\n", script.error);
        return 2;
    }
    script_run(&script, &script_numbers[0], quiet ? NULL : stdout, &o);
    if (o.error[0] == '\0') {
        run_all(&o);
    }
    printf("%s%s%s: %s\n", o.error, o.error[0] == '\0' ? "" : "\n", path,
           o.error[0] == '\0' ? "passed" : "FAILED");
    return o.error[0] != '\0';
}

int main(int argc, char **argv)
{
    bool quiet = false;
    int status = 0, first = 1;

    for (; first < argc && argv[first][0] == '-'; first++) {
        if (strcmp(argv[first], "-q") == 0) {
            quiet = true;
        } else {
            fputs(help, strcmp(argv[first], "--help") == 0 ? stdout : stderr);
            return strcmp(argv[first], "--help") == 0 ? 0 : 2;
        }
    }
    for (int i = first; i < argc; i++) {
        int one = show(argv[i], quiet);

        status = one > status ? one : status;
    }
    if (first < argc) {
        return status;
    }
    test_folder("tests/script/*.pkt", test_one);
    test_folder("tests/script/lessons/*.pkt", test_one);
    test_folder("tests/script/wrong/*.pkt", test_wrong);
    test_folder("tests/script/todo/*.pkt", test_todo);
    printf("1..%u\n", tests);
    return failures > 0u;
}
