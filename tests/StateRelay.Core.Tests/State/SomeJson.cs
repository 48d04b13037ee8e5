using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace StateRelay.Tests.State;

/// <summary>A JSON document to make and to change at random, as it is written: names and scalars are raw text.</summary>
internal abstract record SomeJson
{
    public static readonly string[] Names =
    [
        "a", "b", "\\u0061", "", "~", "/", "~1", "~01", "\\u007e0", "\\/x", "id", "key", "name", "é", "\\u00e9", "😀", "\\ud83d\\ude00",
        "quote\\\"", "back\\\\slash", "\\\\", "with space", "[{", "a longer name than all of the others, to have another length",
    ];

    public static readonly string[] Scalars =
    [
        "null", "true", "false", "0", "-0", "1", "1.0", "1e5", "1E5", "100000", "-1.5e-7", "123456789012345678901234567890", "1e400",
        "\"\"", "\"a\"", "\"\\u0061\"", "\"null\"", "\"1\"", "\"😀\"", "\"\\ud83d\\ude00\"", "\"\\\\\"", "\"\\\\\\\"\"", "\"}\"", "\"]\"",
        "\"\\\"}\\\"\"", "\"[{,:\"", "\"line\\nbreak\"", "\"a text that is longer than a block of sixty-four bytes, with a \\\" in it and a }\"",
    ];

    /// <summary>A document of any kind, larger with the generator's size.</summary>
    public static Gen<SomeJson> Any { get; } = Gen.Sized(size => OfSize(Math.Min(size, 24)));

    /// <summary>A list of items with ids: the keys of <paramref name="ids"/>, under a name that is one of the usual keys or not.</summary>
    public static Gen<SomeJson> KeyedList(Gen<string[]> ids) =>
        from keys in ids
        from marks in Gen.Choose(0, 5).ArrayOf(keys.Length)
        from prefix in Gen.Elements("id", "key", "name", "\\u0069d", "other")
        select (SomeJson)new ListOf([.. keys.Select((key, index) => Item(prefix, key, marks[index]))]);

    public override string ToString()
    {
        var text = new StringBuilder();
        Write(text);
        return text.ToString();
    }

    /// <summary>This document with one thing in it changed; which, the choices decide.</summary>
    public SomeJson Changed(Choices choices) => this switch
    {
        ObjectOf { Members.Length: > 0 } members when choices.Next(4) > 0 => members.ChangedInside(choices),
        ListOf { Items.Length: > 0 } items when choices.Next(4) > 0 => items.ChangedInside(choices),
        ObjectOf members => members.ChangedItself(choices),
        ListOf items => items.ChangedItself(choices),
        _ => Fresh(choices),
    };

    protected abstract void Write(StringBuilder text);

    private static ObjectOf Item(string prefix, string key, int mark) => new ObjectOf(
    [
        (prefix, new Scalar(key)),
        ("text", new Scalar("\"some words that stay what they are\"")),
        ("mark", new Scalar(mark.ToString(CultureInfo.InvariantCulture))),
    ]);

    private static Gen<SomeJson> OfSize(int size)
    {
        var scalar = Gen.Elements(Scalars).Select(text => (SomeJson)new Scalar(text));
        if (size <= 1)
            return scalar;

        var list = from count in Gen.Choose(0, Math.Min(size, 8))
                   from items in OfSize(size / 2).ArrayOf(count)
                   select (SomeJson)new ListOf(items);
        var members = from count in Gen.Choose(0, Math.Min(size, 8))
                      from names in Gen.Elements(Names).ArrayOf(count)
                      from values in OfSize(size / 2).ArrayOf(count)
                      select (SomeJson)new ObjectOf([.. names.Zip(values)]);
        var deep = from nested in OfSize(size / 2)
                   from depth in Gen.Elements(1, 2, 3, 5, 8, 13, 64, 150)
                   select Enumerable.Range(0, depth).Aggregate(nested, (inner, level) =>
                       level % 2 == 0 ? new ListOf([inner]) : new ObjectOf([("a", inner)]));
        return Gen.OneOf(scalar, list, list, members, members, members, members, deep);
    }

    private static SomeJson Fresh(Choices choices) => choices.Next(6) switch
    {
        0 => new ListOf([]),
        1 => new ObjectOf([]),
        2 => new ObjectOf([(choices.Of(Names), new Scalar(choices.Of(Scalars)))]),
        _ => new Scalar(choices.Of(Scalars)),
    };

    internal sealed record Scalar(string Text) : SomeJson
    {
        public override string ToString() => base.ToString();

        protected override void Write(StringBuilder text) => text.Append(Text);
    }

    internal sealed record ListOf(SomeJson[] Items) : SomeJson
    {
        public override string ToString() => base.ToString();

        public SomeJson ChangedInside(Choices choices)
        {
            var items = Items.ToArray();
            var index = choices.Next(items.Length);
            items[index] = items[index].Changed(choices);
            return new ListOf(items);
        }

        public SomeJson ChangedItself(Choices choices)
        {
            var at = choices.Next(Items.Length + 1);
            var count = choices.Next(4);
            return choices.Next(7) switch
            {
                0 => new ListOf([.. Items[..at], Fresh(choices), .. Items[at..]]),
                1 => new ListOf([.. Items[at..], .. Items[..at]]),
                2 => new ListOf([.. Items[..at], .. Items.Skip(at + count)]),
                3 => new ListOf([.. Items.Skip(count), .. Items.Take(count).Select(item => item.Changed(choices))]),
                4 => new ListOf([.. Items.Reverse()]),
                5 => new ListOf([.. Items.OrderBy(_ => choices.Next(1000))]),
                _ => Fresh(choices),
            };
        }

        protected override void Write(StringBuilder text)
        {
            text.Append('[');
            foreach (var (index, item) in Items.Index())
            {
                text.Append(index == 0 ? "" : ",");
                item.Write(text);
            }

            text.Append(']');
        }
    }

    internal sealed record ObjectOf((string Name, SomeJson Value)[] Members) : SomeJson
    {
        public override string ToString() => base.ToString();

        public SomeJson ChangedInside(Choices choices)
        {
            var members = Members.ToArray();
            var index = choices.Next(members.Length);
            members[index].Value = members[index].Value.Changed(choices);
            return new ObjectOf(members);
        }

        public SomeJson ChangedItself(Choices choices)
        {
            var at = choices.Next(Members.Length + 1);
            return choices.Next(5) switch
            {
                0 => new ObjectOf([.. Members[..at], (choices.Of(Names), Fresh(choices)), .. Members[at..]]),
                1 => new ObjectOf([.. Members[..at], .. Members.Skip(at + 1)]),
                2 => new ObjectOf([.. Members.Take(at).Select(member => (choices.Of(Names), member.Value)), .. Members[at..]]),
                3 => new ObjectOf([.. Members.OrderBy(_ => choices.Next(1000))]),
                _ => Fresh(choices),
            };
        }

        protected override void Write(StringBuilder text)
        {
            text.Append('{');
            foreach (var (index, (name, value)) in Members.Index())
            {
                text.Append(index == 0 ? "" : ",").Append('"').Append(name).Append("\":");
                value.Write(text);
            }

            text.Append('}');
        }
    }
}

/// <summary>Numbers drawn beforehand, used one by one to make decisions.</summary>
internal sealed class Choices(int[] numbers)
{
    private int _used;

    public static Gen<Choices> Some { get; } = Gen.Choose(0, int.MaxValue - 1).ArrayOf(64).Select(numbers => new Choices(numbers));

    /// <summary>A number below the limit.</summary>
    public int Next(int limit) => numbers[_used++ % numbers.Length] % limit;

    public string Of(string[] texts) => texts[Next(texts.Length)];
}
