"""A server on TCP that closes each connection as soon as it is there, and says so.

    python3 connect_server.py [PORT]
"""

from lifetime import leave, listener, on_stop, port


def serve(port):
    """Meet each client that comes."""
    on_stop(leave)
    with listener(port) as server:
        while True:
            try:
                connection, _ = server.accept()
                connection.close()
            except OSError:
                continue  # that client is gone already
            print("Connection is established...", flush=True)


if __name__ == "__main__":
    serve(port(8046))
