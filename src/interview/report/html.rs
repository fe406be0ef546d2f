//! Renders the report as one HTML file that works offline. It contains the Markdown of
//! [`super::markdown`] and nothing that could run or load anything.

use pulldown_cmark::{CowStr, Event, Parser, Tag, TagEnd, html};

use super::{Report, markdown};
use crate::printable::printable;

const STYLE: &str = "body{max-width:46rem;margin:2rem auto;padding:0 1rem;line-height:1.6;font-family:system-ui,sans-serif}\
                     blockquote{margin:1rem 0;padding:.1rem 1rem;border-left:.25rem solid #8886}\
                     pre{overflow:auto}:root{color-scheme:light dark}";

/// Returns the report as a complete HTML page.
pub fn render(report: &Report) -> String {
    let markdown = markdown::render(report);
    let mut body = String::new();
    html::push_html(&mut body, Parser::new(&markdown).map(sanitized));
    let mut title = String::new();
    html::push_html(
        &mut title,
        std::iter::once(Event::Text(report.heading().into())),
    );
    let language = report.language.code();
    let page = format!(
        "<!DOCTYPE html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n<style>{STYLE}</style>\n\
         </head>\n<body>\n{body}</body>\n</html>\n"
    );
    printable(&page).into_owned()
}

/// Shows HTML as text, keeps only links to the web, and replaces pictures by their description.
fn sanitized(event: Event<'_>) -> Event<'_> {
    match event {
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => Event::Text("".into()),
        Event::Start(Tag::Link {
            link_type,
            dest_url,
            title,
            id,
        }) => Event::Start(Tag::Link {
            link_type,
            dest_url: web_address(dest_url),
            title,
            id,
        }),
        other => other,
    }
}

fn web_address(url: CowStr<'_>) -> CowStr<'_> {
    if ["http://", "https://"]
        .iter()
        .any(|scheme| url.starts_with(scheme))
    {
        url
    } else {
        "".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interview::Language;
    use crate::interview::report::{ReportAnswer, ReportTurn};

    #[test]
    fn the_page_runs_and_loads_nothing() {
        let hostile =
            "<script>alert(1)</script> ![x](http://h/p.png) [y](javascript:alert(1)) <img src=x>";
        let answer = Some(ReportAnswer {
            text: hostile.into(),
            seconds: None,
            words: None,
        });
        let report = Report {
            topic: "</title><script>".into(),
            title: None,
            language: Language::Korean,
            interviewer: "question bank".into(),
            started_at: String::new(),
            turns: vec![ReportTurn {
                number: 0,
                follow_up: 0,
                question: format!("{hostile}\n\n{hostile}"),
                answer,
                delivery: None,
                model_answer: None,
            }],
            feedback: Some(format!("<div onclick=x>\n{hostile}\n</div>")),
        };
        let page = render(&report);
        let tags: Vec<_> = page
            .match_indices('<')
            .map(|(at, _)| &page[at..(at + 7).min(page.len())])
            .collect();
        let harmful = |tag: &&&str| {
            ["<script", "<img", "<div", "<iframe"]
                .iter()
                .any(|bad| tag.starts_with(bad))
        };
        assert_eq!(tags.iter().find(harmful), None, "{page}");
        assert!(!page.contains("href=\"javascript"), "{page}");
        assert!(
            page.contains("&lt;script&gt;alert(1)") && page.contains("lang=\"ko\""),
            "{page}"
        );
    }
}
