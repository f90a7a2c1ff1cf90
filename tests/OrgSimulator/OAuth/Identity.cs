using System.Text.Json;
using OrgSimulator.Store;

namespace OrgSimulator.OAuth;

/// <summary>Who is signed in: the identity and userinfo documents.</summary>
public sealed class Identity(OrgStore store, SimulatorOptions options)
{
    /// <summary>Ends with the 18-character Ids of org and user, which clients take from it.</summary>
    public string Url => $"{options.PublicUrl}/id/{store.OrganizationId}/{store.AdminId}";

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("id", Url);
        json.WriteBoolean("asserted_user", true);
        json.WriteString("user_id", store.AdminId);
        json.WriteString("organization_id", store.OrganizationId);
        json.WriteString("username", options.User);
        json.WriteString("nick_name", "admin");
        json.WriteString("display_name", "Sim Admin");
        json.WriteString("email", options.User);
        json.WriteBoolean("email_verified", true);
        json.WriteString("first_name", "Sim");
        json.WriteString("last_name", "Admin");
        json.WriteString("timezone", "Europe/London");
        Photos(json);
        foreach (var name in (string[])["addr_street", "addr_city", "addr_state", "addr_country", "addr_zip"]) json.WriteNull(name);
        json.WriteStartObject("status");
        json.WriteNull("created_date");
        json.WriteNull("body");
        json.WriteEndObject();
        Urls(json);
        Tail(json);
        json.WriteString("last_modified_date", FieldReader.RestDateTime(FieldReader.Stamp(store.Now)));
        json.WriteBoolean("is_app_installed", true);
        json.WriteEndObject();
    }

    public void UserInfo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("sub", Url);
        json.WriteString("user_id", store.AdminId);
        json.WriteString("organization_id", store.OrganizationId);
        json.WriteString("preferred_username", options.User);
        json.WriteString("nickname", "admin");
        json.WriteString("name", "Sim Admin");
        json.WriteString("email", options.User);
        json.WriteBoolean("email_verified", true);
        json.WriteString("given_name", "Sim");
        json.WriteString("family_name", "Admin");
        json.WriteString("zoneinfo", "Europe/London");
        Photos(json);
        json.WriteString("profile", $"{options.PublicUrl}/{store.AdminId}");
        json.WriteString("picture", $"{options.PublicUrl}/profilephoto/005/F");
        json.WriteStartObject("address");
        json.WriteEndObject();
        Urls(json);
        Tail(json);
        json.WriteString("updated_at", FieldReader.RestDateTime(FieldReader.Stamp(store.Now)));
        json.WriteEndObject();
    }

    public void OpenIdConfiguration(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("issuer", options.PublicUrl);
        foreach (var (name, path) in ((string, string)[])[("authorization_endpoint", "authorize"), ("token_endpoint", "token"), ("revocation_endpoint", "revoke"),
                     ("userinfo_endpoint", "userinfo"), ("introspection_endpoint", "introspect")])
            json.WriteString(name, $"{options.PublicUrl}/services/oauth2/{path}");
        json.WriteString("jwks_uri", $"{options.PublicUrl}/id/keys");
        foreach (var (name, values) in ((string, string[])[])[("scopes_supported", ["api", "web", "full", "id", "openid", "refresh_token"]), ("response_types_supported", ["code"]),
                     ("subject_types_supported", ["public"]), ("id_token_signing_alg_values_supported", ["RS256"]),
                     ("token_endpoint_auth_methods_supported", ["client_secret_post", "client_secret_basic", "private_key_jwt"]), ("code_challenge_methods_supported", ["S256"])])
        {
            json.WriteStartArray(name);
            foreach (var value in values) json.WriteStringValue(value);
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    private void Photos(Utf8JsonWriter json)
    {
        json.WriteStartObject("photos");
        json.WriteString("picture", $"{options.PublicUrl}/profilephoto/005/F");
        json.WriteString("thumbnail", $"{options.PublicUrl}/profilephoto/005/T");
        json.WriteEndObject();
    }

    private void Urls(Utf8JsonWriter json)
    {
        var url = options.PublicUrl;
        json.WriteStartObject("urls");
        json.WriteString("enterprise", $"{url}/services/Soap/c/{{version}}/{store.OrganizationId[..15]}");
        json.WriteString("metadata", $"{url}/services/Soap/m/{{version}}/{store.OrganizationId[..15]}");
        json.WriteString("partner", $"{url}/services/Soap/u/{{version}}/{store.OrganizationId[..15]}");
        json.WriteString("rest", $"{url}/services/data/v{{version}}/");
        json.WriteString("sobjects", $"{url}/services/data/v{{version}}/sobjects/");
        json.WriteString("search", $"{url}/services/data/v{{version}}/search/");
        json.WriteString("query", $"{url}/services/data/v{{version}}/query/");
        json.WriteString("recent", $"{url}/services/data/v{{version}}/recent/");
        foreach (var name in (string[])["feeds", "groups", "users"]) json.WriteString(name, $"{url}/services/data/v{{version}}/chatter/{name}");
        json.WriteString("feed_items", $"{url}/services/data/v{{version}}/chatter/feed-items");
        json.WriteString("tooling_soap", $"{url}/services/Soap/T/{{version}}/{store.OrganizationId[..15]}");
        json.WriteString("tooling_rest", $"{url}/services/data/v{{version}}/tooling/");
        json.WriteString("profile", $"{url}/{store.AdminId}");
        json.WriteString("custom_domain", url);
        json.WriteEndObject();
    }

    private static void Tail(Utf8JsonWriter json)
    {
        json.WriteBoolean("active", true);
        json.WriteString("user_type", "STANDARD");
        json.WriteString("language", "en_US");
        json.WriteString("locale", "en_GB");
        json.WriteNumber("utcOffset", 0);
    }
}
