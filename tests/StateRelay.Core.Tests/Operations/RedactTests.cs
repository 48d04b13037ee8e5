namespace StateRelay.Tests.Operations;

public sealed class RedactTests
{
    // Key and value pairs, as ADO.NET reads them.
    [TestCase("Host=db1;Port=5432;Database=shop;Username=SECRET;Password=SECRET", "Host=db1;Port=5432;Database=shop")]
    [TestCase("Server=tcp:db1.example,1433; Initial Catalog = shop ;User ID=SECRET;Pwd=SECRET;", "Server=tcp:db1.example,1433;Initial Catalog=shop")]
    [TestCase("Data Source=/var/lib/shop.db;Password=SECRET", "Data Source=/var/lib/shop.db")]
    [TestCase("Password=\"a;Host=SECRET\";Host=db1", "Host=db1")]
    [TestCase("Password=\"a\"\";Host=SECRET\";Host=db1", "Host=db1")]
    [TestCase("Password='a;Host=SECRET';Host=db1", "Host=db1")]
    [TestCase("Driver={PostgreSQL};Pwd={a;Server=SECRET};Server=db1", "Server=db1")]
    [TestCase("Host=db1;Password='never closed;Database=SECRET", "Host=db1")]
    [TestCase("HOST=db1;PASSWORD=SECRET;SslPassword=SECRET;Api Key=SECRET;SharedAccessKey=SECRET==", "HOST=db1")]
    [TestCase("Server=SECRET@db1;Database=shop", "Database=shop")]
    [TestCase("host=db1 password=SECRET;more dbname=shop", "***")]
    // Key and value pairs, as libpq reads them.
    [TestCase("host=db1 port=5432 dbname=shop user=SECRET password=SECRET", "host=db1 port=5432 dbname=shop")]
    [TestCase("password='SECRET host=SECRET \\' host=SECRET' host = db1", "host=db1")]
    // Addresses.
    [TestCase("postgres://SECRET:SECRET@db1:5432/shop", "postgres://db1:5432/shop")]
    [TestCase("postgresql://SECRET@db1/shop?sslmode=require&password=SECRET", "postgresql://db1/shop")]
    [TestCase("postgres://u:SECRET@SECRET@db1/shop", "postgres://db1/shop")]
    [TestCase("postgres://u:pa/SECRET@db1/shop", "postgres://***")]
    [TestCase("postgres://u:pa?SECRET@db1/shop", "postgres://***")]
    [TestCase("mongodb+srv://u:SECRET@h1:27017,h2:27017/shop", "mongodb+srv://h1:27017,h2:27017/shop")]
    [TestCase("jdbc:sqlserver://db1:1433;user=SECRET;password=SECRET", "jdbc:sqlserver://db1:1433")]
    [TestCase("jdbc:postgresql://db1/shop?user=SECRET&password=SECRET", "jdbc:postgresql://db1/shop")]
    [TestCase("amqp://SECRET:SECRET@queue", "amqp://queue")]
    // Neither.
    [TestCase("SECRET", "***")]
    [TestCase("", "***")]
    [TestCase("SECRET;Host=db1", "***")]
    public void What_identifies_stays_and_secrets_go(string text, string expected)
    {
        var redacted = Redact.ConnectionString(text);

        Assert.That(redacted, Does.Not.Contain("SECRET"));
        Assert.That(redacted, Is.EqualTo(expected));
    }
}
