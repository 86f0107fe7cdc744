"""Pods without rights: never root, no capabilities, no token of the API (the `restricted` Pod Security Standard)."""

from pulumi_kubernetes.core import v1 as core


def pod(user: int, *, low_port: bool = False) -> core.PodSecurityContextArgs:
    """user owns the volumes too. low_port: let it listen below 1024 all the same."""
    return core.PodSecurityContextArgs(
        run_as_non_root=True,
        run_as_user=user,
        run_as_group=user,
        fs_group=user,
        fs_group_change_policy="OnRootMismatch",
        seccomp_profile=core.SeccompProfileArgs(type="RuntimeDefault"),
        sysctls=[core.SysctlArgs(name="net.ipv4.ip_unprivileged_port_start", value="0")] if low_port else None,
    )


def container(*, writable: bool = False, user: int | None = None) -> core.SecurityContextArgs:
    """writable: the image's own files may be written, which an unknown image may need."""
    return core.SecurityContextArgs(
        allow_privilege_escalation=False,
        capabilities=core.CapabilitiesArgs(drop=["ALL"]),
        read_only_root_filesystem=not writable,
        run_as_user=user,
    )
