using MudBlazor;

namespace Appliance.Server.Pages;

/// <summary>MudBlazor's theme in the colours and measures of the Salesforce Lightning look. The rest of the look is in wwwroot/app.css.</summary>
internal static class Lightning
{
    private static readonly string[] Fonts = ["Salesforce Sans", "system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "Arial", "sans-serif"];

    public static MudTheme Theme { get; } = new()
    {
        PaletteLight = new PaletteLight
        {
            Primary = "#0176d3",
            PrimaryDarken = "#014486",
            Secondary = "#032d60",
            Info = "#0176d3",
            Success = "#2e844a",
            Warning = "#dd7a01",
            Error = "#ba0517",
            Background = "#f3f3f3",
            Surface = "#ffffff",
            TextPrimary = "#181818",
            TextSecondary = "#444444",
            LinesDefault = "#e5e5e5",
            LinesInputs = "#747474",
            TableLines = "#e5e5e5",
            TableHover = "#f3f3f3",
            AppbarBackground = "#ffffff",
            AppbarText = "#181818",
        },
        LayoutProperties = new LayoutProperties { DefaultBorderRadius = "4px" },
        Typography = new Typography
        {
            Default = new DefaultTypography { FontFamily = Fonts, FontSize = "0.8125rem", LetterSpacing = "normal" },
            Body1 = new Body1Typography { FontFamily = Fonts, FontSize = "0.8125rem", LetterSpacing = "normal" },
            Body2 = new Body2Typography { FontFamily = Fonts, FontSize = "0.8125rem", LetterSpacing = "normal" },
            Button = new ButtonTypography { FontFamily = Fonts, FontSize = "0.8125rem", FontWeight = "400", TextTransform = "none", LetterSpacing = "normal" },
        },
    };
}
