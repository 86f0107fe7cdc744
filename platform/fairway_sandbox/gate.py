"""Before a Service passes a connection on: may this caller reach that pod?"""

import asyncio

from fairway_sandbox import callers
from fairway_sandbox.callers import Place
from fairway_sandbox.kubelet.kubelet import Kubelet
from fairway_sandbox.kubelet.pod import Pod
from fairway_sandbox.policies import Policies


class Gate:
    def __init__(self, policies: Policies, kubelet: Kubelet) -> None:
        self._policies, self._kubelet = policies, kubelet

    async def lets(self, caller: Place, here: Place, target: Place) -> bool:
        """caller: the connection's other end, here: the Service's own, target: a pod's address and port."""
        pod = next((p for p in self._kubelet.pods.values() if p.address == target[0]), None)
        if pod is None or not self._policies.concern(pod.obj):
            return True
        sessions = {number: p for p in self._kubelet.pods.values() for number in p.sessions()}
        found = await asyncio.to_thread(callers.session, caller, here, sessions)
        return found is None or self._reaches(sessions[found], pod, target[1])

    def _reaches(self, caller: Pod, target: Pod, port: int) -> bool:
        return caller is target or self._policies.allow(caller.obj, target.obj, port)
