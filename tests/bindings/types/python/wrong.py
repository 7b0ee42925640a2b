# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Each line with a remark must fail in mypy with that, and no other line."""

import datetime

from gi.repository import Process


async def check() -> bool:
    return True


async def wrong(service: Process.Service, process: Process.ManagedProcess) -> None:
    service.start('ls', '-l')  # wrong: incompatible type "str"
    service.start()  # wrong: Missing positional argument "command"
    service.start('ls', [1])  # wrong: List item 0 has incompatible type "int"
    service.strat('ls')  # wrong: has no attribute "strat"
    service.buffer_size = 1  # wrong: is read-only
    Process.Service(100)  # wrong: Too many positional arguments
    Process.RunOptions('ls', workdir='/')  # wrong: Unexpected keyword argument "workdir"
    options = Process.RunOptions('ls', timeout='1 s')  # wrong: incompatible type "str"
    options.comand = 'x'  # wrong: has no attribute "comand"
    options.kill_group = 'yes'  # wrong: Incompatible types in assignment
    options.timeout = datetime.datetime.now()  # wrong: Incompatible types in assignment
    options.cwd.upper()  # wrong: has no attribute "upper"
    number: int = await service.run_async('ls')  # wrong: Incompatible types in assignment
    service.run_async('ls', 'a', None)  # wrong: No overload variant of "run_async"
    await process.wait()  # wrong: Incompatible types in "await"
    for each in service:
        each.exit_status  # wrong: has no attribute "exit_status"
    async for line in process:
        line + 1  # wrong: Unsupported operand types
    for line in process:  # wrong: has no attribute "__iter__"
        print(number)
    server = Process.HealthServer('0')
    server.add_check('a', check)  # wrong: incompatible type "Callable[[], Coroutine
    Process.Status.GONE  # wrong: has no attribute "GONE"
    Process.Services  # wrong: has no attribute "Services"
    process.get_output_bytes().get_data()  # wrong: has no attribute "get_data"


class Mine(Process.Service):  # wrong: Cannot inherit from final class
    pass
