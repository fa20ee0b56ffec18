#!/usr/bin/env python3
"""Each planted violation must be found by tools/tidy, by its rule, in its line; and a clean file must pass."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
HEAD = "// What it is.\n// What it guarantees.\n#pragma once\n"


def tidy(path, text):
    """Runs tools/tidy over a tree with this one file; the output lines."""
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / path
        file.parent.mkdir(parents=True)
        file.write_text(text)
        run = subprocess.run([str(ROOT / "tools/tidy"), "--root", folder], capture_output=True, text=True)
        lines = run.stdout.splitlines()
        assert (run.returncode == 1) == bool(lines), (run.returncode, lines)
        return lines


class Planted(unittest.TestCase):
    def expect(self, path, text, start):
        lines = tidy(path, text)
        self.assertTrue(any(line.startswith(start) for line in lines), f"{start!r} not in {lines}")

    def clean(self, path, text):
        self.assertEqual(tidy(path, text), [])

    def test_clean_file(self):
        self.clean("scheduler/queue.hpp", HEAD + '#include "libs/api/time.hpp"\nint depth();\n')

    def test_forbidden_includes(self):
        for path, include in [("scheduler/a.cpp", '"apiserver/hub.hpp"'), ("scheduler/a.cpp", '"kubelet-sim/node.hpp"'),
                              ("apiserver/a.cpp", '"libs/client/api_client.hpp"'), ("libs/base/a.cpp", '"libs/api/time.hpp"'),
                              ("libs/http/a.cpp", '"libs/api/time.hpp"'), ("libs/api/a.cpp", '"simulator/sim_loop.hpp"'),
                              ("apiserver/a.cpp", '"tests/support/x.hpp"'), ("apiserver/a.cpp", '"hub.hpp"'),
                              ("apiserver/a.cpp", "<sqlite3.h>"), ("scheduler/a.cpp", "<boost/beast/http.hpp>"),
                              ("scheduler/a.cpp", "<boost/asio/ip/tcp.hpp>"), ("libs/api/a.cpp", "<yaml-cpp/yaml.h>"),
                              ("apiserver/a.cpp", "<openssl/evp.h>"), ("apiserver/a.cpp", "<CLI/CLI.hpp>"),
                              ("apiserver/a.cpp", "<boost/asio/steady_timer.hpp>")]:
            with self.subTest(path=path, include=include):
                self.expect(path, f"int a;\n#include {include}\n", f"{path}:2: include:")

    def test_allowed_includes(self):
        self.clean("apiserver/storage/sqlite_store.cpp", "#include <sqlite3.h>\n")
        self.clean("scheduler/main.cpp", "#include <CLI/CLI.hpp>\n")

    def test_long_file(self):
        self.expect("scheduler/queue.cpp", "int a;\n" * 501, "scheduler/queue.cpp:1: long-file:")
        self.clean("scheduler/queue.cpp", "int a;\n" * 500)
        self.expect("scheduler/plugins/fit.cpp", "int a;\n" * 201, "scheduler/plugins/fit.cpp:1: long-file:")
        self.expect("controller-manager/controllers/x/plan.cpp", "int a;\n" * 201,
                    "controller-manager/controllers/x/plan.cpp:1: long-file:")

    def test_long_line(self):
        self.expect("scheduler/queue.cpp", "// " + "x" * 118 + "\n", "scheduler/queue.cpp:1: long-line:")

    def test_long_function(self):
        body = "void f(int x) {\n" + "  g();\n" * 70 + "}\n"
        self.expect("scheduler/queue.cpp", body, "scheduler/queue.cpp:1: long-function:")
        self.clean("scheduler/queue.cpp", "void f(int x) {\n" + "  g();\n" * 68 + "}\n")
        self.expect("scheduler/queue.cpp", "namespace a {\nclass B {\n  int f() const {\n" + "    g();\n" * 70 + "  }\n};\n}\n",
                    "scheduler/queue.cpp:3: long-function:")

    def test_real_clock(self):
        for line in ["auto t = std::chrono::steady_clock::now();", "auto t = std::chrono::system_clock::now();",
                     "clock_gettime(CLOCK_REALTIME, &t);", "auto t = std::time(nullptr);"]:
            with self.subTest(line=line):
                self.expect("scheduler/queue.cpp", line + "\n", "scheduler/queue.cpp:1: real-clock:")
        self.clean("libs/base/real_clock.cpp", "auto t = std::chrono::steady_clock::now();\n")
        self.clean("scheduler/queue.cpp", "// steady_clock is not ours\nauto s = \"steady_clock\";\n")

    def test_randomness(self):
        self.expect("scheduler/queue.cpp", "std::random_device d;\n", "scheduler/queue.cpp:1: randomness:")
        self.expect("scheduler/queue.cpp", "std::uniform_int_distribution<int> d;\n", "scheduler/queue.cpp:1: randomness:")

    def test_detached(self):
        self.expect("scheduler/queue.cpp", "co_spawn(e, f(), asio::detached);\n", "scheduler/queue.cpp:1: detached:")

    def test_braced_temporary_in_co_await(self):
        for line in ["co_await f(Options{1, 2});", "co_await f({1, 2});", "auto x = co_await f(a, Options{});",
                     "co_await f([x] { return x; });", "co_await f([&](int i) { g(i); });", "co_await g(\n    Pod{name});",
                     "if (co_await f(Options{1})) {\n}"]:
            with self.subTest(line=line):
                self.expect("scheduler/queue.cpp", "awaitable<void> h() {\n  " + line + "\n}\n", "scheduler/queue.cpp:2: co_await:")

    def test_innocent_co_await(self):
        for line in ["co_await f(options);", "auto x = co_await f(std::move(a));", "while (co_await f(a)) {\n  g();\n}",
                     "if (!co_await f(a)) {\n  co_return;\n}", "Options o{1, 2};\n  co_await f(o);", "co_await f(names[i]);",
                     "for (auto& x : co_await f(a)) {\n}", "co_return co_await f(a);"]:
            with self.subTest(line=line):
                self.clean("scheduler/queue.cpp", "awaitable<void> h() {\n  " + line + "\n}\n")

    def test_names(self):
        for name in ["utils", "string_helpers", "common", "misc", "old_queue", "queue_2", "Queue"]:
            with self.subTest(name=name):
                self.expect(f"scheduler/{name}.cpp", "int a;\n", f"scheduler/{name}.cpp:1: name:")

    def test_header_says_what_it_is(self):
        self.expect("scheduler/queue.hpp", "#pragma once\nint a;\n", "scheduler/queue.hpp:1: header:")


if __name__ == "__main__":
    sys.exit(unittest.main())
