"""Sends, in the network namespace that it runs in, an unasked neighbour advertisement that overrides, or one of a router.
Usage: advertise.py SENDER RECEIVER TARGET|router MAC"""
import socket, struct, sys, time

sender, receiver, target, mac = sys.argv[1:]
link = bytes.fromhex(mac.replace(":", ""))
if target == "router":
    message = struct.pack(">BBHBBHII", 134, 0, 0, 64, 0, 1800, 0, 0) + b"\x01\x01" + link
else:
    message = struct.pack(">BBHI", 136, 0, 0, 0x20000000) + socket.inet_pton(socket.AF_INET6, target) + b"\x02\x01" + link
with socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6) as raw:
    raw.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, 255)
    raw.bind((sender, 0))
    raw.sendto(message, (receiver, 0))
time.sleep(0.3)
