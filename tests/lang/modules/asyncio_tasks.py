# SPDX-License-Identifier: MIT
# Futures and tasks: states, callbacks, cancellation, eager steps, who awaits whom, reports.
import asyncio
import gc


def attempt(function, *args, **kwargs):
    try:
        print(repr(function(*args, **kwargs)))
    except BaseException as error:
        print(type(error).__name__, error)


async def main():
    loop = asyncio.get_running_loop()
    future = loop.create_future()
    print(type(future).__module__, type(future).__flags__ & 16)
    attempt(future.result)
    future.add_done_callback(lambda f: print("first", f.cancelled()))
    future.add_done_callback(lambda f: print("second"))
    print(future.remove_done_callback(print), len(future._callbacks))

    async def waiter(name):
        try:
            return await future
        except asyncio.CancelledError as error:
            print(name, "cancelled", error.args)
            raise

    tasks = [asyncio.create_task(waiter(i), name=f"w{i}") for i in range(3)]
    await asyncio.sleep(0)
    print(sorted(t.get_name() for t in future._asyncio_awaited_by))
    print(len(asyncio.all_tasks()), asyncio.current_task() in asyncio.all_tasks())
    tasks[1].cancel("enough")
    print(tasks[1].cancelling(), tasks[1].cancelled(), future.cancelled())
    print(await asyncio.gather(*tasks, return_exceptions=True))
    attempt(future.set_result, 1)
    again = loop.create_future()
    tasks = [asyncio.create_task(waiter(i), name=f"w{i}") for i in range(2)]
    await asyncio.sleep(0)
    attempt(tasks[0].result)
    attempt(tasks[0].set_result, 2)
    again.set_exception(StopIteration(3))
    attempt(again.result)

    async def wrong():
        await again_yielder()

    class again_yielder:
        def __await__(self):
            yield 5

    attempt((await asyncio.gather(wrong(), return_exceptions=True))[0].__str__)

    async def eager():
        print("at once", asyncio.current_task().get_name())
        await asyncio.sleep(0)
        return "later"

    task = asyncio.Task(eager(), loop=loop, eager_start=True, name="eager")
    print(await task, task.get_coro() is None)

    async def itself():
        me = asyncio.current_task()
        try:
            await me
        except RuntimeError as error:
            print(str(error).split(":")[0])

    await asyncio.create_task(itself())
    loop.set_exception_handler(lambda loop, context: print(context["message"]))
    lost = loop.create_future()
    lost.set_exception(ValueError())
    del lost
    unfinished = asyncio.Task(waiter("x"), loop=loop)
    asyncio._unregister_task(unfinished) if hasattr(asyncio, "_unregister_task") else None
    gc.collect()


asyncio.run(main())

# expect: _asyncio 16
# expect: InvalidStateError Result is not set.
# expect: 0 2
# expect: ['w0', 'w1', 'w2']
# expect: 4 True
# expect: 1 False True
# expect: first True
# expect: second
# expect: 0 cancelled ('enough',)
# expect: 1 cancelled ('enough',)
# expect: 2 cancelled ('enough',)
# expect: [CancelledError(''), CancelledError(''), CancelledError('')]
# expect: InvalidStateError invalid state
# expect: 0 cancelled ('enough',)
# expect: 1 cancelled ('enough',)
# expect: CancelledError enough
# expect: RuntimeError Task does not support set_result operation
# expect: RuntimeError StopIteration interacts badly with generators and cannot be raised into a Future
# expect: 'Task got bad yield: 5'
# expect: at once eager
# expect: later False
# expect: Task cannot await on itself
# expect: Future exception was never retrieved
# expect: x cancelled ('enough',)
