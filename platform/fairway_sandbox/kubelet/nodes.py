"""The virtual nodes: names for the same machine, so that cordon, drain and spreading mean something."""

import os

import psutil

from fairway_sandbox.objects import Json, now

RELEASE = "v1.34.0+sandbox"


def node(name: str, address: str) -> Json:
    room = {"cpu": str(os.cpu_count() or 1), "memory": f"{psutil.virtual_memory().total // 1024}Ki", "pods": "110"}
    ready = {"type": "Ready", "status": "True", "reason": "KubeletReady", "message": "the process kubelet is ready"}
    labels = {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": os.uname().machine}
    about = {"machineID": "", "systemUUID": "", "bootID": "", "kernelVersion": os.uname().release}
    about |= {"osImage": "Fairway sandbox", "containerRuntimeVersion": "process://1", "operatingSystem": "linux"}
    about |= {"kubeletVersion": RELEASE, "kubeProxyVersion": RELEASE, "architecture": os.uname().machine}
    status = {
        "capacity": room,
        "allocatable": room,
        "addresses": [{"type": "InternalIP", "address": address}, {"type": "Hostname", "address": name}],
        "conditions": [{**ready, "lastHeartbeatTime": now(), "lastTransitionTime": now()}],
        "nodeInfo": about,
    }
    return {"metadata": {"name": name, "labels": labels}, "spec": {}, "status": status}
