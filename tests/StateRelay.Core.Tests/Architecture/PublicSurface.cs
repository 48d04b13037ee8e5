using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace StateRelay.Tests.Architecture;

/// <summary>Prints what an assembly offers to others, one member a line, in an order that does not depend on the compiler.</summary>
internal static class PublicSurface
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly NullabilityInfoContext Nullability = new();

    public static string Of(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (var type in assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            text.Append(Declaration(type)).Append('\n');
            foreach (var line in Members(type).Order(StringComparer.Ordinal))
                text.Append("    ").Append(line).Append('\n');
            text.Append('\n');
        }

        return text.ToString().TrimEnd('\n') + "\n";
    }

    private static string Declaration(Type type)
    {
        var kind = type.IsEnum ? "enum"
            : type.IsInterface ? "interface"
            : typeof(Delegate).IsAssignableFrom(type) ? "delegate"
            : type.IsValueType ? "struct"
            : IsRecord(type) ? "record"
            : "class";
        var modifier = kind is not ("class" or "record") ? ""
            : type is { IsAbstract: true, IsSealed: true } ? "static "
            : type.IsAbstract ? "abstract "
            : type.IsSealed ? "sealed "
            : "";
        var bases = (type.BaseType is { } parent && kind is "class" or "record" && type.BaseType != typeof(object) ? [type.BaseType!] : Array.Empty<Type>())
            .Concat(kind is "enum" or "delegate" ? [] : type.GetInterfaces().Except(type.BaseType?.GetInterfaces() ?? []).Where(face => face.IsPublic && !face.Name.StartsWith("IEquatable", StringComparison.Ordinal)).OrderBy(face => face.FullName, StringComparer.Ordinal))
            .Select(Name)
            .ToArray();
        return $"public {modifier}{kind} {type.Namespace}.{Name(type)}{(bases.Length > 0 ? " : " + string.Join(", ", bases) : "")}";
    }

    private static IEnumerable<string> Members(Type type)
    {
        if (type.IsEnum)
            return Enum.GetNames(type).Select(name => $"{name} = {Convert.ToInt64(Enum.Parse(type, name), CultureInfo.InvariantCulture)}");
        if (typeof(Delegate).IsAssignableFrom(type))
            return [Method(type.GetMethod("Invoke")!)];

        return type.GetMembers(Declared).Where(IsOffered).Select(member => member switch
        {
            ConstructorInfo made => $"{Access(made)}{Bare(type)}({Parameters(made)})",
            MethodInfo method => Method(method),
            PropertyInfo property => Property(property),
            EventInfo told => $"public event {Name(told.EventHandlerType!)} {told.Name}",
            FieldInfo field => $"public {(field.IsLiteral ? "const " : field.IsStatic ? "static readonly " : "")}{Name(Nullability.Create(field))} {field.Name}",
            _ => member.Name,
        });
    }

    private static bool IsOffered(MemberInfo member) => member switch
    {
        Type => false,
        _ when member.IsDefined(typeof(CompilerGeneratedAttribute)) => false,
        MethodInfo { IsSpecialName: true } method => method.Name.StartsWith("op_", StringComparison.Ordinal),
        MethodBase method => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly,
        PropertyInfo property => property.GetAccessors(nonPublic: true).Any(IsOffered) || property.GetAccessors(nonPublic: true).Any(accessor => accessor.IsPublic),
        FieldInfo field => field.IsPublic,
        EventInfo told => told.AddMethod?.IsPublic == true,
        _ => false,
    };

    private static string Method(MethodInfo method) =>
        $"{Access(method)}{(method.IsStatic ? "static " : "")}{(method is { IsAbstract: true, DeclaringType.IsInterface: false } ? "abstract " : method.GetBaseDefinition() != method ? "override " : "")}"
        + $"{Name(Nullability.Create(method.ReturnParameter))} {method.Name}{Generic(method.GetGenericArguments())}({Parameters(method)})";

    private static string Property(PropertyInfo property)
    {
        var accessor = property.GetAccessors(nonPublic: true).First(accessor => accessor.IsPublic || accessor.IsFamily);
        var set = property.SetMethod is { IsPublic: true } setter
            ? setter.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? " init;" : " set;"
            : "";
        var index = property.GetIndexParameters();
        var name = index.Length == 0 ? property.Name : $"this[{string.Join(", ", index.Select(parameter => Name(Nullability.Create(parameter))))}]";
        return $"{Access(accessor)}{(accessor.IsStatic ? "static " : "")}{(accessor.IsAbstract && !property.DeclaringType!.IsInterface ? "abstract " : accessor.GetBaseDefinition() != accessor ? "override " : "")}"
            + $"{(property.IsDefined(typeof(RequiredMemberAttribute)) ? "required " : "")}{Name(Nullability.Create(property))} {name} {{{(property.GetMethod?.IsPublic == true ? " get;" : "")}{set} }}";
    }

    private static string Access(MethodBase method) => method.DeclaringType!.IsInterface ? "" : method.IsPublic ? "public " : "protected ";

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select((parameter, position) =>
        (position == 0 && method.IsDefined(typeof(ExtensionAttribute)) ? "this " : "")
        + (parameter.IsDefined(typeof(ParamArrayAttribute)) || parameter.IsDefined(typeof(ParamCollectionAttribute)) ? "params " : "")
        + (parameter.IsOut ? "out " : parameter.IsIn ? "in " : parameter.ParameterType.IsByRef ? "ref " : "")
        + $"{Name(Nullability.Create(parameter))} {parameter.Name}"
        + (parameter.HasDefaultValue ? $" = {Default(parameter)}" : "")));

    private static string Default(ParameterInfo parameter) => parameter.RawDefaultValue switch
    {
        null => parameter.ParameterType.IsValueType && Nullable.GetUnderlyingType(parameter.ParameterType) is null ? "default" : "null",
        string text => $"\"{text}\"",
        bool flag => flag ? "true" : "false",
        var value when parameter.ParameterType.IsEnum => $"{parameter.ParameterType.Name}.{Enum.ToObject(parameter.ParameterType, value)}",
        var value => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static bool IsRecord(Type type) => type.GetMethod("<Clone>$", Declared) is not null;

    private static string Generic(Type[] arguments) => arguments.Length == 0 ? "" : $"<{string.Join(", ", arguments.Select(Name))}>";

    private static string Name(NullabilityInfo info)
    {
        var type = info.Type.IsByRef ? info.Type.GetElementType()! : info.Type;
        var mark = info.ReadState == NullabilityState.Nullable && type is { IsValueType: false, IsGenericParameter: false } ? "?" : "";
        if (type.IsArray)
            return (info.ElementType is { } element ? Name(element) : Name(type.GetElementType()!)) + "[]" + mark;
        if (type.IsGenericType && Nullable.GetUnderlyingType(type) is null && info.GenericTypeArguments.Length == type.GetGenericArguments().Length)
            return $"{Bare(type)}<{string.Join(", ", info.GenericTypeArguments.Select(Name))}>{mark}";
        return Name(type) + mark;
    }

    private static string Name(Type type) =>
        type.IsByRef ? Name(type.GetElementType()!)
        : Nullable.GetUnderlyingType(type) is { } inner ? Name(inner) + "?"
        : type.IsArray ? Name(type.GetElementType()!) + "[]"
        : Bare(type) + Generic(type.GetGenericArguments());

    private static string Bare(Type type) => type == typeof(void) ? "void"
        : type == typeof(object) ? "object"
        : type == typeof(string) ? "string"
        : type == typeof(bool) ? "bool"
        : type == typeof(int) ? "int"
        : type == typeof(long) ? "long"
        : type == typeof(double) ? "double"
        : type == typeof(char) ? "char"
        : type == typeof(byte) ? "byte"
        : (type is { IsNested: true, IsGenericParameter: false } ? Bare(type.DeclaringType!) + "." : "") + type.Name.Split('`')[0];
}
