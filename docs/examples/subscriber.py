"""Says every alarm of a sensor, and alarms by itself once no heartbeat has come for 120 s.

python subscriber.py HOST PORT USER PASSWORD SENSOR [SECONDS]
"""

import json
import sys
import time
from functools import partial

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

host, port, user, password, sensor, silent_s = [*sys.argv[1:], "120"][:6]
say = partial(print, flush=True)
# The computer's own count of seconds: no clock that is set can delay this alarm. Never having heard anything counts.
heard_s, told = time.monotonic(), dict[str, int]()


def hear(_client: Client, _userdata: object, message: MQTTMessage) -> None:
    """Take a heartbeat or an alarm; one that the broker had kept is no sign of life."""
    global heard_s  # noqa: PLW0603 - twenty lines to read, not a library
    if message.topic.endswith("/heartbeat") and not message.retain:
        heard_s = time.monotonic()
    # Sent again until it is logged: what was shown in a revision is not shown twice.
    elif message.topic.endswith("/alarm") and (alarm := json.loads(message.payload))["revision"] > told.get(
        alarm["id"], -1
    ):
        told[alarm["id"]] = alarm["revision"]
        say(f"\a{alarm['at']} {alarm['title']}, {alarm['priority']}: {alarm['stage']}")


client = Client(CallbackAPIVersion.VERSION2)
client.username_pw_set(user, password)
client.on_message = hear
client.on_connect = lambda *_: client.subscribe(f"crampwatch/1/{sensor}/+", 1)
client.connect_async(host, int(port), keepalive=5)
client.loop_start()
while True:
    time.sleep(1.0)
    if time.monotonic() - heard_s > float(silent_s):
        say(f"\aNobody watches {sensor}: no heartbeat for {time.monotonic() - heard_s:.0f} s.")
