namespace StateRelay.Tests.Architecture;

/// <summary>Two builds of one commit are equal, bit for bit; that they are is tried by .ci/run-packages.</summary>
public sealed class EqualBuildTests
{
    [Test]
    public void The_log_lines_of_a_project_stand_in_one_class_because_the_generator_shuffles_several()
    {
        var files = Repository.Files.Where(path => path.StartsWith("src/", StringComparison.Ordinal) && path.EndsWith(".cs", StringComparison.Ordinal))
            .Where(path => Repository.Read(path).Contains("[LoggerMessage(", StringComparison.Ordinal));

        Assert.That(files.Select(path => path.Split('/')[1]), Is.Not.Empty.And.Unique);
    }
}
