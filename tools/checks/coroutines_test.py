"""Every bad pattern is refused, and the good ones that look like them are not."""

import unittest

from checks.coroutines import problems_of

BAD = {
    "a braced aggregate as argument": 'co_await put(Note{"a", "b"});',
    "a braced initialiser as argument": 'co_await put({"a", "b"});',
    "?: between two awaits": "auto x = c ? co_await a() : co_await b();",
    "?: around an await": "auto x = c ? optional(co_await a()) : nullopt;",
    "a capturing lambda as argument": "co_await run([&] { return 1; });",
    "a capturing lambda with parameters": "co_await run([this](int x) { return x; });",
    "an aggregate made of an awaited value": "T x = T{f(co_await a())};",
    "an initialiser list of awaits": "vector v{co_await a(), co_await b()};",
    "returning an aggregate made of an awaited value": "co_return Note{co_await a()};",
    "two awaits in one statement": "auto x = f(co_await a(), co_await b());",
    "a coroutine lambda with captures": "auto f = [&x]() -> asio::awaitable<void> { co_await g(x); };",
    "over several lines": 'co_await put(\n    Note{\n        "a"});',
}

GOOD = {
    "a named value": 'Note note{"a", "b"};\nco_await put(note);',
    "a condition": "if (co_await ready()) { go(); }",
    "a loop over an awaited value": "for (auto& each : co_await all()) { go(each); }",
    "a loop with an await in its body": "for (int i = 0; i < n; ++i) { co_await step(i); }",
    "a while": "while (!done) {\n  auto x = co_await next();\n  use(x);\n}",
    "returning an aggregate": 'co_return Note{"a"};',
    "a lambda without captures": "co_await run([](int x) { return x; });",
    "a lambda that returns an awaitable": "auto f = [&x]() -> asio::awaitable<void> { return g(x); };",
    "a comment and a text": 'go("co_await x{}");  // co_await put(Note{})\nco_await a();',
    "a function's body": "asio::awaitable<void> f(int x) {\n  co_await g(x);\n}",
    "an index": "auto x = co_await next(names[i]);",
    "awaits in two statements": "auto a = co_await f();\nauto b = co_await g();",
    "a block after else": "if (x) { a(); } else { co_await b(); }",
    "a case": "switch (x) { case 1: { co_await b(); } }",
}


class Coroutines(unittest.TestCase):
    def test_every_bad_pattern_is_refused(self):
        for name, code in BAD.items():
            with self.subTest(name):
                self.assertTrue(problems_of("asio::awaitable<void> f() {\n" + code + "\n}\n"), code)

    def test_good_patterns_pass(self):
        for name, code in GOOD.items():
            with self.subTest(name):
                self.assertEqual(problems_of("asio::awaitable<void> f() {\n" + code + "\n}\n"), [], code)

    def test_the_line_is_told(self):
        self.assertEqual(problems_of("void f() {\n\n  co_await put({1});\n}")[0][0], 3)


if __name__ == "__main__":
    unittest.main()
