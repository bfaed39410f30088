# Environments and arguments that cannot be passed on are refused, again and again.
import os

for _ in range(200):
    for argv, env in ((["x", "a\0b"], {}), (["x"], {"A\0B": "c"}), (["x"], {"F=O": "l"}),
                      (["x"], {"A": "b\0c"})):
        for call in (os.posix_spawn, os.execve):
            try:
                call("/nonexistent/x", argv, env)
            except ValueError:
                pass
print("done")
# expect: done
