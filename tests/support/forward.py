#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Listens on 127.0.0.1 and hands every connection on to a unix socket, as it is or with TLS taken off.

Says its port on a line of its own, and ends when its standard input does.
"""
import argparse
import os
import socket
import ssl
import sys
import threading
import warnings

warnings.simplefilter("ignore", DeprecationWarning)  # old versions are what some tests are about

parser = argparse.ArgumentParser()
parser.add_argument("--to", required=True, help="path of the unix socket")
parser.add_argument("--certificate", help="with --key: TLS")
parser.add_argument("--key")
parser.add_argument("--clients", help="authorities, one of which has signed the certificate of each client")
parser.add_argument("--most", choices=["TLSv1_1", "TLSv1_2", "TLSv1_3"], default="TLSv1_3", help="newest version spoken")
parser.add_argument("--rude", action="store_true", help="closes without TLS's own end")
arguments = parser.parse_args()

context = None
if arguments.certificate:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(arguments.certificate, arguments.key)
    if arguments.most == "TLSv1_1":
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.TLSv1_1
    context.maximum_version = getattr(ssl.TLSVersion, arguments.most)
    if arguments.clients:
        context.load_verify_locations(arguments.clients)
        context.verify_mode = ssl.CERT_REQUIRED


def copy(source, target):
    """Up to the end of source, which becomes that of target; nothing is done about a connection that breaks."""
    try:
        while data := source.recv(65536):
            target.sendall(data)
    except OSError:
        pass


def serve(client):
    try:
        if context:
            client = context.wrap_socket(client, server_side=True)
        target = socket.socket(socket.AF_UNIX)
        target.connect(arguments.to)
    except OSError:
        client.close()
        return

    def upward():
        copy(client, target)
        try:
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    thread = threading.Thread(target=upward, daemon=True)
    thread.start()
    copy(target, client)
    if context and not arguments.rude:
        try:
            client.settimeout(1)
            client.unwrap()
        except (OSError, ValueError):
            pass
    try:
        client.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    thread.join()
    client.close()
    target.close()


def accept_all(listener):
    while True:
        client, _ = listener.accept()
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=serve, args=(client,), daemon=True).start()


listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
threading.Thread(target=accept_all, args=(listener,), daemon=True).start()
sys.stdin.read()
os._exit(0)
