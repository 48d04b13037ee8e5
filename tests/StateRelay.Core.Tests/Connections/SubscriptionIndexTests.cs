using FsCheck;
using FsCheck.Fluent;

using StateRelay.Connections;
using StateRelay.Events;

namespace StateRelay.Tests.Connections;

public sealed class SubscriptionIndexTests
{
    private const int ReadersARound = 100, EventsARound = 100, Rounds = 10;

    // Few names, so that they meet; a person may be called like an organization, and case does not count.
    private static readonly string[] Names = ["acme", "ACME", "globex", "initech", "amy", "Amy", "bob"];
    private static readonly string[] Types = ["push", "pull_request", "issues", "check_run", "fork", "star"];
    private static readonly string[] Repositories = ["rocket", "Rocket", "booster"];

    private static Gen<string> AName => Gen.Elements(Names);

    private static Gen<PullRequestKey> APullRequest =>
        from owner in AName from repository in Gen.Elements(Repositories) from number in Gen.Choose(1, 3) select new PullRequestKey(owner, repository, number);

    private static Gen<Reader> AReader =>
        from organization in Gen.Elements([.. Names, "", "*", "*", "*"])
        from types in Some(Gen.Elements(Types), 6)
        from pullRequests in Gen.Frequency((3, Gen.Constant(Array.Empty<PullRequestKey>())), (1, Some(APullRequest, 3)))
        from own in Gen.Elements(true, false)
        from login in AName
        from organizations in Some(AName, 4)
        from tier in Gen.Elements(ClientTier.Free, ClientTier.Pro)
        from isProgram in Gen.Frequency((9, Gen.Constant(false)), (1, Gen.Constant(true)))
        select new Reader(
            new Subscription
            {
                Organization = organization,
                EventTypes = types,
                PullRequests = [.. pullRequests.Select(key => $"https://github.com/{key.Owner}/{key.Repository}/pull/{key.Number}")],
                UserEventsOnly = own,
            },
            isProgram ? ClientIdentity.Program : new ClientIdentity(login) { Organizations = [.. organizations], Tier = tier });

    private static Gen<Happening> AHappening =>
        from type in Gen.Elements(Types)
        from reach in Gen.Frequency((8, Gen.Constant(AudienceReach.Organization)), (1, Gen.Constant(AudienceReach.People)), (1, Gen.Constant(AudienceReach.Everyone)))
        from organization in Gen.Elements<string?>([.. Names, null])
        from repository in Gen.Elements<string?>([.. Repositories, null])
        from pullRequests in Some(APullRequest, 3)
        from people in Some(AName, 3)
        from visibility in Gen.Elements(Visibility.Unknown, Visibility.Public, Visibility.Private)
        select new Happening(type, new EventAudience
        {
            Reach = reach,
            Organization = organization,
            Repository = repository,
            PullRequests = [.. pullRequests],
            People = [.. people],
            Visibility = visibility,
        });

    [Test]
    public void The_index_and_the_plain_decision_agree_on_100_000_random_pairs()
    {
        var pairs = 0;
        var received = 0;
        var round = from readers in AReader.ArrayOf(ReadersARound) from happenings in AHappening.ArrayOf(EventsARound) select (readers, happenings);

        Randomly.Check(round, Rounds, given =>
        {
            var index = Index(given.readers);
            foreach (var happening in given.happenings)
            {
                var found = Found(index, happening).Where(happening.Reaches).ToHashSet();
                var decided = given.readers.Where(happening.Reaches).ToHashSet();
                Assert.That(found.SetEquals(decided), Is.True, $"{happening} found {found.Count}, but it reaches {decided.Count}.");
                pairs += given.readers.Length;
                received += decided.Count;
            }
        });

        Assert.That(pairs, Is.EqualTo(100_000));
        Assert.That(received, Is.GreaterThan(5_000));
    }

    [Test]
    public void Who_has_left_is_not_found_and_nothing_of_them_is_kept()
    {
        Randomly.Check(AReader.ArrayOf(ReadersARound), 100, readers =>
        {
            var index = Index(readers);

            foreach (var reader in readers)
            {
                index.Remove(reader);
                index.Remove(reader);
            }

            Assert.That(index.IsEmpty, Is.True);
        });
    }

    [Test]
    public void Those_who_follow_something_else_are_not_looked_at()
    {
        var amy = new ClientIdentity("amy") { Organizations = ["acme", "globex"] };
        Reader[] readers =
        [
            new(new() { Organization = "acme", EventTypes = ["push"] }, amy),
            new(new() { Organization = "acme", EventTypes = ["fork"] }, amy),
            new(new() { Organization = "globex" }, amy),
            new(new() { UserEventsOnly = true }, amy),
            new(new() { PullRequests = ["https://github.com/acme/rocket/pull/6"] }, amy),
            new(new() { Organization = "*" }, new ClientIdentity("bob")),
        ];

        var found = Found(Index(readers), new Happening("push", new() { Organization = "acme", PullRequests = [new("acme", "rocket", 5)], People = ["bob"] }));

        Assert.That(found, Is.EqualTo(readers[..1]));
    }

    private static Gen<T[]> Some<T>(Gen<T> of, int most) => Gen.Choose(0, most).SelectMany(of.ArrayOf);

    private static SubscriptionIndex<Reader> Index(Reader[] readers)
    {
        var index = new SubscriptionIndex<Reader>();
        foreach (var reader in readers)
            index.Add(reader, reader.Subscription, reader.Identity);
        return index;
    }

    private static List<Reader> Found(SubscriptionIndex<Reader> index, Happening happening)
    {
        var found = new List<Reader>();
        index.Find(happening.Type, happening.Audience, found);
        Assert.That(found.Distinct().Count(), Is.EqualTo(found.Count), "Somebody was found twice.");
        return found;
    }

    private sealed class Reader(Subscription subscription, ClientIdentity identity)
    {
        public Subscription Subscription => subscription;

        public ClientIdentity Identity => identity;
    }

    private sealed record Happening(string Type, EventAudience Audience)
    {
        public bool Reaches(Reader reader) => EventRules.Receives(reader.Subscription, reader.Identity, Type, Audience, enforceTiers: true);
    }
}
