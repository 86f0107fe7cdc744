"""Runs first inside every container's process: ends with the sandbox, gives root away, then becomes the real program.

Standard library only, and started without site-packages: it stands between a pod and its first millisecond.
`launch.py exec PROGRAM ARGUMENT...`, or `launch.py postgres ARGUMENT...`, which prepares a database directory first.
"""

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
from pathlib import Path

CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG = 1
INSIDE = 1000
LAST = "PG_VERSION"
NO_PASSWORD = """Error: Database is uninitialized and superuser password is not specified.
       You must specify POSTGRES_PASSWORD to a non-empty value for the superuser."""


def give_root_away() -> None:
    """Become an ordinary user of a user namespace, whose files stay our own; without namespaces, become nobody."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return
    uid, gid = os.geteuid(), os.getegid()
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWUSER) == 0:
        for name, text in (("setgroups", "deny"), ("uid_map", f"{INSIDE} {uid} 1"), ("gid_map", f"{INSIDE} {gid} 1")):
            Path(f"/proc/self/{name}").write_text(text)
        return
    nobody = pwd.getpwnam("nobody")
    os.setgroups([])
    os.setgid(nobody.pw_gid)
    os.setuid(nobody.pw_uid)


def die_with_the_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def end_with_the_sandbox() -> None:
    """After the change of user, which would clear it."""
    die_with_the_parent()
    if os.getppid() != int(os.environ.pop("FAIRWAY_SANDBOX_PID", os.getppid())):
        sys.exit(137)


def run(arguments: list[str]) -> None:
    try:
        os.execvp(arguments[0], arguments)
    except OSError as error:
        print(f'exec: "{arguments[0]}": {error.strerror}', file=sys.stderr, flush=True)
        sys.exit(127 if isinstance(error, FileNotFoundError) else 126)


def postgres(arguments: list[str]) -> None:
    data, programs = Path(os.environ["PGDATA"]), Path(os.environ["POSTGRES_BIN"])
    data.mkdir(parents=True, exist_ok=True)
    data.chmod(0o700)
    if (data / LAST).exists():
        print("PostgreSQL Database directory appears to contain a database; Skipping initialization", flush=True)
    else:
        make_database(data, programs)
    address = os.environ["POD_IP"]
    # No Unix socket: its path may have 107 characters at most, and a data directory's is often longer.
    own = ["-D", str(data), "-h", address, "-p", "5432", "-k", "", "-c", "shared_buffers=16MB"]
    run([str(programs / "postgres"), *own, *arguments])


def make_database(data: Path, programs: Path) -> None:
    """Made whole in a folder of its own, then moved, `LAST` at the end: a kill at any instant leaves nothing half-made
    that the next start would take for a database."""
    making, whole = data / "fairway-making", data / "fairway-made"
    if not whole.exists():
        shutil.rmtree(making, ignore_errors=True)
        if others := sorted(entry.name for entry in data.iterdir() if entry.name != "lost+found"):
            sys.exit(f'initdb: error: directory "{data}" exists but is not empty: it holds {", ".join(others[:5])}')
        fill(making, programs)
        making.rename(whole)
    for entry in sorted(whole.iterdir(), key=lambda entry: entry.name == LAST):
        entry.rename(data / entry.name)
    whole.rmdir()
    print("PostgreSQL init process complete; ready for start up.", flush=True)


def fill(folder: Path, programs: Path) -> None:
    """A database cluster with the user and the database that the image's variables ask for."""
    user = os.environ.get("POSTGRES_USER", "postgres")
    database, password = os.environ.get("POSTGRES_DB", user), os.environ.get("POSTGRES_PASSWORD", "")
    method = os.environ.get("POSTGRES_HOST_AUTH_METHOD", "scram-sha-256")
    if not password and method != "trust":
        sys.exit(NO_PASSWORD)
    initdb = [str(programs / "initdb"), "-D", str(folder), "-U", user, "-E", "UTF8", "--locale=C", "--no-sync"]
    secret = Path(os.environ["TMPDIR"]) / ".password"
    try:
        if password:
            secret.touch(0o600)
            secret.write_text(f"{password}\n")
            initdb += ["--pwfile", str(secret), "-A", "scram-sha-256"]
        else:
            initdb += ["-A", "trust"]
        made = subprocess.run(initdb, preexec_fn=die_with_the_parent)
    finally:
        secret.unlink(missing_ok=True)
    if made.returncode:
        sys.exit(made.returncode)
    rules = f"local all all trust\nhost all all 0.0.0.0/0 {method}\nhost replication all 0.0.0.0/0 {method}\n"
    (folder / "pg_hba.conf").write_text(rules)
    if database != "postgres":
        quoted = f'CREATE DATABASE "{database}" OWNER "{user}"\n'.encode()
        single = [str(programs / "postgres"), "--single", "-D", str(folder), "-c", "fsync=off", "postgres"]
        silent = subprocess.DEVNULL
        subprocess.run(single, input=quoted, stdout=silent, check=True, preexec_fn=die_with_the_parent)


def main() -> None:
    give_root_away()
    end_with_the_sandbox()
    if sys.argv[1] == "postgres":
        postgres(sys.argv[2:])
    else:
        run(sys.argv[2:])


if __name__ == "__main__":
    main()
