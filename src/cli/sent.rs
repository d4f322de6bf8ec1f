//! `--debug`: prints each statement that is sent to the warehouse, with the node it is of.

use std::fmt;
use std::io::{self, Write};

use serde_json::json;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use super::args::{Global, LogFormat};
use crate::compile::OUTSIDE;

/// Where statements are printed, and how: beside what else is said of a run.
#[derive(Debug, Clone, Copy)]
enum Form {
    /// As dbt logs them, on standard output.
    Log,
    /// On standard error, for people.
    People,
    /// On standard error, an object a line.
    Json,
}

struct Sent(Form);

/// Returns what prints the statements that engines log, where `--debug` asks for it.
pub(super) fn layer<S>(global: &Global, is_dbts: bool) -> Option<impl Layer<S>>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let form = match (global.log_format, is_dbts) {
        (LogFormat::Json, _) => Form::Json,
        (_, true) => Form::Log,
        (_, false) => Form::People,
    };
    let of_engines = Targets::new()
        .with_target("wh::engine", LevelFilter::DEBUG)
        .with_target("wh::run", LevelFilter::DEBUG);
    let is_wanted = global.flags.is("debug") && !global.quiet;
    is_wanted.then(|| Sent(form).with_filter(of_engines))
}

/// The fields of an event or a span that are printed.
#[derive(Default)]
struct Fields {
    sql: Option<String>,
    node: Option<String>,
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "sql" => self.sql = Some(value.into()),
            "node" => self.node = Some(value.into()),
            _ => {}
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}

/// The node that a span is of.
struct Of(String);

impl<S> Layer<S> for Sent
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let (Some(node), Some(span)) = (fields.node, context.span(id)) {
            span.extensions_mut().insert(Of(node));
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let is_sent = event.metadata().target().starts_with("wh::engine");
        let Some(sql) = fields.sql.filter(|_| is_sent) else {
            return;
        };
        let spans = context.event_scope(event).into_iter().flatten();
        let named = |span: &tracing_subscriber::registry::SpanRef<'_, S>| {
            span.extensions().get::<Of>().map(|of| of.0.clone())
        };
        let of = spans.filter_map(|span| named(&span)).next();
        let text = self.0.text(of.as_deref().unwrap_or(OUTSIDE), &sql);
        let text = super::secrets::hidden(&text);
        let printed = match self.0 {
            Form::Log => writeln!(io::stdout(), "{text}"),
            Form::People | Form::Json => writeln!(io::stderr(), "{text}"),
        };
        if let Err(err) = printed {
            tracing::trace!(error = %err, "a statement is not printed");
        }
    }
}

impl Form {
    fn text(self, of: &str, sql: &str) -> String {
        let sql = sql.trim_end();
        match self {
            Self::Log => {
                let clock = jiff::Zoned::now().strftime("%H:%M:%S");
                format!("{clock}  On {of}: {sql}")
            }
            Self::People => format!("on {of}: {sql}"),
            Self::Json => json!({"event": "statement", "node": of, "sql": sql}).to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_is_printed_with_its_node() {
        let text = Form::Log.text("model.shop.orders", "/* why */\nselect 1\n");
        assert!(text.ends_with("  On model.shop.orders: /* why */\nselect 1"));
        let text = Form::Json.text(OUTSIDE, "/* why */\nselect 1\n");
        assert_eq!(
            text,
            r#"{"event":"statement","node":"master","sql":"/* why */\nselect 1"}"#
        );
    }
}
