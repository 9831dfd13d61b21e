"""Pass connections on from one Unix socket to another: `python -m tests.faults.relay FROM TO`.

The server knows its clients by the user of the process at the other end. pgbouncer does not run as root,
so where root runs the tests it reaches the server through this, which is root's.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while chunk := await source.read(65536):
            target.write(chunk)
            await target.drain()
    with contextlib.suppress(Exception):
        target.close()


async def _relay(listen: str, target: str) -> None:
    async def accepted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_unix_connection(target)
        except OSError:
            writer.close()
            return
        await asyncio.gather(_copy(reader, far_writer), _copy(far_reader, writer))

    server = await asyncio.start_unix_server(accepted, listen)
    os.chmod(listen, 0o777)  # the folder it stands in keeps strangers out
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_relay(sys.argv[1], sys.argv[2]))
