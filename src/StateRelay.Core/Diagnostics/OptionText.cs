namespace StateRelay.Diagnostics;

/// <summary>
/// A wrong value of an option as an error may name it: without what stands before an <c>@</c> and behind a <c>?</c> or <c>#</c>, where
/// addresses have their passwords and tokens.
/// </summary>
internal static class OptionText
{
    private const string Nothing = "***";

    public static string Of(object? value)
    {
        var text = value?.ToString() ?? "";
        if (text.LastIndexOf('@') is >= 0 and var at)
            text = Nothing + text[at..];
        return text.IndexOfAny(['?', '#']) is >= 0 and var end ? text[..(end + 1)] + Nothing : text;
    }
}
