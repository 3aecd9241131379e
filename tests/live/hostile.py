# SPDX-License-Identifier: MIT
"""What the tests with hostile segments share. A test file registers its tests with @test and calls main(): the outer half
starts the endpoint and runs the file again inside its namespace; the inner half is a host of its own on the link (link.py).

The endpoint runs with --verify: it stops at once if a connection is not valid after any call of the core."""
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from link import *  # noqa: F401,F403  a test is written in its words

TESTS = []


def test(name):
    def keep(f):
        if name.startswith(os.environ.get("ONLY", "")):    # ONLY=B13: just these
            TESTS.append((name, f))
        return f
    return keep


# ---- the outer half: the endpoint, and this file again inside its namespace ----

def cannot():
    """Why these tests cannot run here; None: they can."""
    try:
        import scapy  # noqa: F401
    except ImportError:
        return "no scapy"
    if not os.access("/dev/net/tun", os.R_OK | os.W_OK):
        return "no /dev/net/tun that can be opened"
    if subprocess.run("unshare --user --map-root-user --net true || unshare --net true", shell=True, check=False,
                      stderr=subprocess.DEVNULL).returncode != 0:
        return "user namespaces are off and this is not root"
    return None


def outer(options):
    os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
    program = os.environ.get("SEQUENT") or "build/sequent"
    why = cannot()
    if why:
        print(f"1..0 # SKIP {why} ({len(TESTS)} tests not run)")
        return 0
    if not os.access(program, os.X_OK):
        print(f"Bail out! '{program}' is not there: make program")
        return 1
    folder = tempfile.mkdtemp(prefix="sequent-live.")
    log = os.path.join(folder, "out")
    try:
        os.mkdir(os.path.join(folder, "www"))
        with open(os.path.join(folder, "www", "page"), "wb") as f:
            f.write(PAGE)
        with open(log, "w") as out, open(os.path.join(folder, "errors"), "w") as errors:
            child = subprocess.Popen([program, "serve", "--http", os.path.join(folder, "www"), "--verify", *options],
                                     stdout=out, stderr=errors)
        try:
            enter = None
            for _ in range(200):
                m = re.search(r"^ *(nsenter .*) curl ", open(log).read(), re.M)
                if m or child.poll() is not None:
                    enter = m and m.group(1).split()
                    break
                time.sleep(0.05)
            if not enter:
                print("Bail out! the endpoint did not start:", open(os.path.join(folder, "errors")).read()[:300])
                return 1
            status = subprocess.run([*enter, sys.executable, os.path.abspath(sys.argv[0]), "--inside", str(child.pid), log, program],
                                    check=False).returncode
        finally:
            child.send_signal(signal.SIGINT)
            ended = child.wait(10)
        number = len(TESTS) + 1
        print(f"{'ok' if ended == 0 else 'not ok'} {number} - after all of it the endpoint ends with status 0")
        print(f"1..{number}")
        if ended != 0:
            sys.stdout.write("".join("# " + line for line in open(os.path.join(folder, "errors"))))
        return status or (ended != 0)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


# ---- the inner half ----

def run(subject, after):
    """Each test on `subject`, and `after` behind it. True: one failed."""
    bad = False
    for number, (name, f) in enumerate(TESTS, 1):
        try:
            f(subject)
            after()
            print(f"ok {number} - {name}")
        except (AssertionError, IndexError, ProcessLookupError, subprocess.CalledProcessError) as e:
            bad = True
            print(f"not ok {number} - {name}")
            print(f"# {type(e).__name__} in line {e.__traceback__.tb_next.tb_lineno}: {e}")
        sys.stdout.flush()
    return bad


def main(*options):
    """options: those of `sequent serve` beside the files."""
    if len(sys.argv) == 5 and sys.argv[1] == "--inside":
        link = Link(sys.argv[3], int(sys.argv[2]), sys.argv[4])
        sys.exit(run(link, link.fine))
    sys.exit(outer(options))
