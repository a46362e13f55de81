import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { projectRoot } from '../../../../../test/fakes/process-sandbox.ts';
import { pythonRuntime } from './python-runtime.ts';

/** Compares what the runtime does where `json` is not imported yet with `json` itself; prints how often. */
const comparison = String.raw`
import collections, decimal, enum, json, sys

source = open(sys.argv[1]).read().replace('if __name__ == "__main__":', "if False:")
runtime = {"__name__": "runtime"}
exec(compile(source, "bootstrap.py", "exec"), runtime)


def outcome(task):
    try:
        return "answer", repr(task())
    except Exception as error:
        return type(error).__name__, str(error)


def without_json(task):
    sys.modules.pop("json")
    try:
        return outcome(task)
    finally:
        sys.modules["json"] = json


texts = [
    b"{}", b' [1, 2.5, -1e9, true, null, "\\ud83d\\ude00 \\u00e9", {"a": {"a": []}}]\n', b"", b"  ", b'{"a": 1} x', b"nope",
    b'"\xed\xa0\x80"', b"\xef\xbb\xbf{}", '{"x": "é"}'.encode("utf-16"), b"NaN", b"-Infinity", b'{"a": 1, "a": 2}', b"1\x00",
    b"[1,]", b'{"a" 1}', b'"a\nb"', b"\xff\xfe", b"12345678901234567890123", b'"tab\there"', '{"é": 1}'.encode(),
    b'{"a": 1}\x0c', b"\x0b1", "1\u00a0".encode(), '"text"', '{"a": [1',
]
for text in texts:
    ours, theirs = without_json(lambda: runtime["loads"](text)), outcome(lambda: json.loads(text))
    assert ours == theirs, (text, ours, theirs)


class Number(enum.IntEnum):
    ONE = 1


class Table(dict):
    pass


Point = collections.namedtuple("Point", "x y")
circular = []
circular.append(circular)
values = [
    None, True, 1, 1.5, float("inf"), float("nan"), 'é\ud800\n"\\', "x", [1, (2, 3)], {"a": {"b": [None]}}, {1: 2, None: 3, True: 4, 1.5: 2},
    {(1,): 1}, {1, 2}, decimal.Decimal("1"), decimal.Decimal("1.5"), [decimal.Decimal("3")], Table(a=1), Number.ONE,
    {Number.ONE: 1}, Point(1, 2), circular, b"x", {"x": b"y"}, 10**30, {},
]
for value in values:
    ours = without_json(lambda: runtime["dumps"](value))
    theirs = outcome(lambda: json.dumps(value, ensure_ascii=False, default=runtime["plain"]))
    assert ours == theirs, (value, ours, theirs)

sys.modules.pop("json")
runtime["loads"](b'{"a": [1]}'), runtime["dumps"]({"a": [1]})
assert "json" not in sys.modules
print(len(texts) + len(values))
`;

test('JSON is read and written as Python’s own module does it, without importing that', async (t) => {
  const found = await pythonRuntime('python', projectRoot).find();
  if ('missing' in found) return t.skip(found.missing);
  const runtime = join(import.meta.dirname, 'inside', 'bootstrap.py');
  const { stdout } = await promisify(execFile)(found.from, ['-I', '-S', '-c', comparison, runtime]);
  assert.equal(stdout, '50\n');
});
