using System.Text.RegularExpressions;

namespace StateRelay.Tests.Architecture;

/// <summary>Folder = room = namespace, and a room uses only the rooms below it, whichever namespace a type is called by.</summary>
public sealed partial class RoomTests
{
    private const string Core = "src/StateRelay.Core/";

    // From the ground up. A room that is not here may not exist.
    private static readonly string[] Rooms =
        ["Diagnostics", "Security", "State", "Events", "Operations", "Protocol", "Http", "Connections", "GitHub", "Dashboard"];

    // The door's own files stand in no room: all may know its options, which know no more than who may come in.
    private const string OptionsFile = "WebServerOptions.cs";
    private const int OptionsLevel = 1;

    private static readonly IReadOnlyList<CoreFile> CoreFiles =
        [.. Repository.Files.Where(path => path.StartsWith(Core, StringComparison.Ordinal) && path.EndsWith(".cs", StringComparison.Ordinal)).Select(CoreFile.Read)];

    private static IEnumerable<string> RoomsThatExist => CoreFiles.Select(file => file.Room).Where(room => room.Length > 0).Distinct().Order();

    [TestCaseSource(nameof(RoomsThatExist))]
    public void A_folder_is_a_room_with_a_known_place(string room)
    {
        Assert.That(Rooms, Does.Contain(room));
    }

    [TestCaseSource(nameof(RoomsThatExist))]
    public void A_rooms_types_are_public_in_StateRelay_or_internal_in_the_namespace_of_the_room(string room)
    {
        var misplaced = CoreFiles.Where(file => file.Room == room && !file.IsInItsNamespace);

        Assert.That(misplaced.Select(file => file.Path), Is.Empty);
    }

    [Test]
    public void Every_public_type_is_in_the_one_namespace_that_a_host_writes()
    {
        var elsewhere = typeof(StateStore).Assembly.GetExportedTypes().Where(type => type.Namespace != nameof(StateRelay));

        Assert.That(elsewhere, Is.Empty);
    }

    [TestCaseSource(nameof(RoomsThatExist))]
    public void A_room_imports_only_rooms_below_it(string room)
    {
        var level = Array.IndexOf(Rooms, room);

        var wrong = CoreFiles.Where(file => file.Room == room)
            .SelectMany(file => file.NamedRooms.Where(named => named != room && Array.IndexOf(Rooms, named) >= level).Select(named => $"{file.Path} uses {named}"));

        Assert.That(wrong, Is.Empty);
    }

    [TestCaseSource(nameof(RoomsThatExist))]
    public void A_room_names_no_type_of_a_room_above_it(string room)
    {
        var level = Array.IndexOf(Rooms, room);
        var above = CoreFiles.Where(file => file.Level(Rooms) > level).SelectMany(file => file.Types.Select(type => (type, file))).ToLookup(pair => pair.type, pair => pair.file);

        var wrong = CoreFiles.Where(file => file.Room == room)
            .SelectMany(file => file.Names.Where(above.Contains).Select(name => $"{file.Path} uses {name} of {above[name].First().Path}"));

        Assert.That(wrong, Is.Empty);
    }

    [Test]
    public void The_options_of_the_server_know_no_more_than_who_may_come_in()
    {
        var above = CoreFiles.Where(file => file.Level(Rooms) > OptionsLevel && !file.Path.EndsWith(OptionsFile, StringComparison.Ordinal)).SelectMany(file => file.Types).ToHashSet();

        var options = CoreFiles.Single(file => file.Path == Core + OptionsFile);

        Assert.That(options.Names.Where(above.Contains), Is.Empty);
    }

    /// <summary>One source file: where it stands, what it declares and what it names.</summary>
    private sealed partial record CoreFile(string Path, string Room, string Namespace, bool HasPublicType, IReadOnlySet<string> Types, IReadOnlySet<string> Names, IReadOnlySet<string> NamedRooms)
    {
        public bool IsInItsNamespace => Namespace == $"StateRelay.{Room}" || (Namespace == nameof(StateRelay) && HasPublicType);

        public static CoreFile Read(string path)
        {
            var code = Repository.CodeOnly(Repository.Read(path));
            var below = path[Core.Length..].Split('/');
            return new CoreFile(
                path,
                below.Length == 1 ? "" : below[0],
                NamespaceLine().Match(code).Groups[1].Value,
                PublicType().IsMatch(code),
                TopLevelType().Matches(code).Select(match => match.Groups[1].Value).ToHashSet(),
                Identifier().Matches(code).Select(match => match.Value).Except(OwnMember().Matches(code).Select(match => match.Value)).ToHashSet(),
                RoomName().Matches(code).Select(match => match.Groups[1].Value).ToHashSet());
        }

        /// <summary>How high it stands; the server itself above all rooms, its options where every room may use them.</summary>
        public int Level(string[] rooms) =>
            Room.Length > 0 ? Array.IndexOf(rooms, Room)
            : Path.EndsWith(OptionsFile, StringComparison.Ordinal) ? -1
            : rooms.Length;

        [GeneratedRegex(@"^namespace\s+([\w.]+)\s*;", RegexOptions.Multiline)]
        private static partial Regex NamespaceLine();

        [GeneratedRegex(@"^public\s", RegexOptions.Multiline)]
        private static partial Regex PublicType();

        // Types of a file begin in the first column; those nested in them are theirs alone.
        [GeneratedRegex(@"^(?:(?:public|internal|static|sealed|abstract|readonly|partial|unsafe|file|ref)\s+)*(?:class|record\s+struct|record|struct|interface|enum)\s+(\w+)", RegexOptions.Multiline)]
        private static partial Regex TopLevelType();

        // What follows a dot is a member of something, not a type named by itself.
        [GeneratedRegex(@"(?<![\w.])[A-Z]\w*")]
        private static partial Regex Identifier();

        // A field, property, parameter or method of the file itself may be called like a type elsewhere.
        [GeneratedRegex(@"(?<=[\w>\]?]\s+)(?<!\b(?:new|return|is|as|not|or|and|case|throw|in|out|ref|await|class|record|struct|interface|enum)\s+)[A-Z]\w*(?=\s*(?:=|;|,|\{|\(|\)))")]
        private static partial Regex OwnMember();

        [GeneratedRegex(@"\bStateRelay\.([A-Z]\w*)")]
        private static partial Regex RoomName();
    }
}
