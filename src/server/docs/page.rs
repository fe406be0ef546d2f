//! The description as one HTML page: every operation with its parameters, body and responses, then
//! the schemas.

use std::fmt::Write;

use serde_json::{Map, Value};

pub(super) const STYLE: &str = "\
:root{color-scheme:light dark}
body{max-width:60rem;margin:2rem auto;padding:0 1rem;font-family:system-ui,sans-serif;line-height:1.5}
section{margin:1.5rem 0;padding:.5rem 1rem;border:1px solid #8886;border-radius:.5rem}
h3{margin:.3rem 0}
table{border-collapse:collapse;width:100%}
th,td{padding:.2rem .6rem;border-bottom:1px solid #8884;text-align:left;vertical-align:top}
code{overflow-wrap:anywhere}
";

/// Renders an OpenAPI document as HTML.
pub(super) fn render(description: &Value) -> String {
    let info = &description["info"];
    let title = escaped(text(&info["title"]));
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n\
         <link rel=\"stylesheet\" href=\"/api/docs/style.css\">\n</head>\n<body>\n<h1>{title} {}</h1>\n<p>{}</p>\n\
         <p><a href=\"/api/schema/\">OpenAPI document</a></p>\n",
        escaped(text(&info["version"])),
        marked(text(&info["description"])),
    );
    for tag in list(&description["tags"]) {
        let _ = writeln!(page, "<h2>{}</h2>", escaped(text(&tag["description"])));
        operations(&mut page, description, text(&tag["name"]));
    }
    page.push_str("<h2>Schemas</h2>\n");
    for (name, schema) in fields(&description["components"]["schemas"]) {
        self::schema(&mut page, name, schema);
    }
    page.push_str("</body>\n</html>\n");
    page
}

fn operations(page: &mut String, description: &Value, tag: &str) {
    for (path, methods) in fields(&description["paths"]) {
        let tagged = |operation: &Value| {
            list(&operation["tags"])
                .iter()
                .any(|name| text(name) == tag)
        };
        for (method, operation) in fields(methods).filter(|(_, operation)| tagged(operation)) {
            self::operation(page, method, path, operation);
        }
    }
}

fn operation(page: &mut String, method: &str, path: &str, operation: &Value) {
    let _ = writeln!(
        page,
        "<section>\n<h3><code>{} {}</code></h3>",
        method.to_uppercase(),
        escaped(path)
    );
    for key in ["summary", "description"] {
        let sentence = text(&operation[key]);
        if !sentence.is_empty() {
            let _ = writeln!(page, "<p>{}</p>", marked(sentence));
        }
    }
    if !list(&operation["security"]).is_empty() {
        page.push_str("<p>Needs a token.</p>\n");
    }
    let parameters = list(&operation["parameters"]).iter().map(|parameter| {
        let name = format!("{} ({})", text(&parameter["name"]), text(&parameter["in"]));
        [
            escaped(&name),
            kind(&parameter["schema"]),
            marked(text(&parameter["description"])),
        ]
    });
    table(page, ["Parameter", "Type", ""], parameters);
    let bodies = fields(&operation["requestBody"]["content"]);
    table(
        page,
        ["Body", "Type", ""],
        bodies.map(|(form, body)| [escaped(form), kind(&body["schema"]), String::new()]),
    );
    table(
        page,
        ["Response", "Type", ""],
        fields(&operation["responses"]).map(|(status, response)| {
            let forms: Vec<_> = fields(&response["content"])
                .map(|(form, body)| escaped(form) + ": " + &kind(&body["schema"]))
                .collect();
            [
                escaped(status),
                forms.join("<br>"),
                marked(text(&response["description"])),
            ]
        }),
    );
    page.push_str("</section>\n");
}

fn schema(page: &mut String, name: &str, schema: &Value) {
    let _ = writeln!(
        page,
        "<section id=\"{0}\">\n<h3>{0}</h3>\n<p>{1}</p>",
        escaped(name),
        marked(text(&schema["description"]))
    );
    let parts = list(&schema["allOf"]).iter().chain([schema]);
    for part in parts {
        let required: Vec<_> = list(&part["required"]).iter().map(text).collect();
        table(
            page,
            ["Field", "Type", ""],
            fields(&part["properties"]).map(|(name, field)| {
                let optional = if required.contains(&name.as_str()) {
                    ""
                } else {
                    " (optional)"
                };
                [
                    escaped(name) + optional,
                    kind(field),
                    marked(text(&field["description"])),
                ]
            }),
        );
        if part.get("$ref").is_some() {
            let _ = writeln!(page, "<p>And {}</p>", kind(part));
        }
    }
    if !list(&schema["enum"]).is_empty() {
        let _ = writeln!(page, "<p>{}</p>", kind(schema));
    }
    page.push_str("</section>\n");
}

/// Writes a table, unless it has no rows. The cells are HTML already.
fn table(page: &mut String, heads: [&str; 3], rows: impl Iterator<Item = [String; 3]>) {
    let rows: Vec<_> = rows
        .map(|cells| format!("<tr><td>{}</td></tr>\n", cells.join("</td><td>")))
        .collect();
    if !rows.is_empty() {
        let _ = writeln!(
            page,
            "<table>\n<tr><th>{}</th></tr>\n{}</table>",
            heads.join("</th><th>"),
            rows.concat()
        );
    }
}

/// Describes the type of a schema in a few words of HTML.
fn kind(schema: &Value) -> String {
    if let Some(name) = schema["$ref"]
        .as_str()
        .and_then(|target| target.rsplit('/').next())
    {
        return format!("<a href=\"#{0}\">{0}</a>", escaped(name));
    }
    let choices = list(&schema["oneOf"]);
    if !choices.is_empty() {
        return choices.iter().map(kind).collect::<Vec<_>>().join(" or ");
    }
    let values = list(&schema["enum"]);
    if !values.is_empty() {
        let values: Vec<_> = values
            .iter()
            .map(|value| format!("<code>{}</code>", escaped(&value.to_string())))
            .collect();
        return values.join(", ");
    }
    if schema.get("items").is_some() {
        return format!("array of {}", kind(&schema["items"]));
    }
    match &schema["type"] {
        Value::Array(kinds) => kinds
            .iter()
            .map(|kind| escaped(text(kind)))
            .collect::<Vec<_>>()
            .join(" or "),
        other => escaped(text(other)) + &limits(schema),
    }
}

fn limits(schema: &Value) -> String {
    let names = ["minimum", "maximum", "minLength", "maxLength", "format"];
    names
        .into_iter()
        .filter_map(|name| Some(format!(", {name} {}", escaped(&shown(schema.get(name)?)))))
        .collect()
}

fn shown(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn fields(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

/// Escapes a text and marks what stands in backticks as code.
fn marked(text: &str) -> String {
    let pieces = escaped(text);
    let pieces = pieces.split('`').enumerate();
    pieces
        .map(|(i, piece)| {
            if i % 2 == 1 {
                format!("<code>{piece}</code>")
            } else {
                piece.to_owned()
            }
        })
        .collect()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
