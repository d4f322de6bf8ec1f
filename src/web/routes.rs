//! Which path shows what. Rendering happens off the threads that answer, since SQLite and DuckDB wait.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};
use std::thread;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::middleware;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{MethodRouter, get, post};
use serde_json::{Value, json};

use super::app::{Answer, App, Ask, Page, said};
use super::{api, guard, layout, pages, words};
use crate::diagnostic::{Diagnostic, Kind, Result};
use crate::report::chart;
use crate::state::runs::now;

/// How often, and after how long each time, the run of a job that was begun is looked for.
const LOOKS: usize = 30;
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

type Shared = State<Arc<App>>;
type Parts = Path<BTreeMap<String, String>>;
type Keys = Query<BTreeMap<String, String>>;

static CSS: LazyLock<String> =
    LazyLock::new(|| chart::variables() + include_str!("assets/page.css"));

/// Returns everything that is answered on `port`.
pub(super) fn routes(app: Arc<App>, port: u16) -> Router {
    Router::new()
        .route("/", page(pages::overview::overview))
        .route("/runs", page(pages::runs::runs))
        .route("/runs/{run}", page(pages::run::run))
        .route("/runs/{run}/nodes/{node}", page(pages::attempt::attempts))
        .route("/catalog", page(pages::catalog::catalog))
        .route("/graph", page(pages::graph::graph))
        .route("/nodes/{node}", page(pages::node::node))
        .route("/quality", page(pages::quality::quality))
        .route("/ingestion", page(pages::ingestion::ingestion))
        .route("/models", page(pages::models::models))
        .route("/models/{model}", page(pages::models::model))
        .route("/features", page(pages::features::features))
        .route("/versions", page(pages::versions::versions))
        .route("/versions/{version}", page(pages::versions::version))
        .route("/api/runs", data(api::runs))
        .route("/api/runs/{run}", data(api::run))
        .route("/api/jobs", data(api::jobs))
        .route("/api/models", data(api::models))
        .route("/api/features/{view}/{entity}", data(api::features))
        .route("/healthz", data(api::health))
        .route("/jobs/{job}/run", post(begin))
        .route(
            "/assets/page.css",
            asset("text/css; charset=utf-8", || &CSS),
        )
        .route(
            "/assets/page.js",
            asset("text/javascript; charset=utf-8", || {
                include_str!("assets/page.js")
            }),
        )
        .route(
            "/assets/icon.svg",
            asset("image/svg+xml", || include_str!("assets/icon.svg")),
        )
        .fallback(page(|_, _| {
            Ok(Answer::Missing("there is no such page".into()))
        }))
        .layer(middleware::from_fn_with_state(port, guard::guard))
        .with_state(app)
}

fn asset(kind: &'static str, text: fn() -> &'static str) -> MethodRouter<Arc<App>> {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    get(move || async move { (headers, text()) })
}

/// Answers with HTML.
fn page(show: fn(&App, &Ask) -> Result<Answer<Page>>) -> MethodRouter<Arc<App>> {
    get(
        move |State(app): Shared, parts: Option<Parts>, Query(query): Keys| {
            blocking(move || {
                let (status, page) = match show(&app, &ask(parts, query)) {
                    Ok(Answer::Found(page)) => (StatusCode::OK, page),
                    Ok(Answer::Missing(what)) => (StatusCode::NOT_FOUND, pages::missing(&what)),
                    Err(err) => (StatusCode::INTERNAL_SERVER_ERROR, pages::broken(&err)),
                };
                (status, Html(layout::frame(&app, page).into_string())).into_response()
            })
        },
    )
}

/// Answers with JSON.
fn data(find: fn(&App, &Ask) -> Result<Answer<Value>>) -> MethodRouter<Arc<App>> {
    get(
        move |State(app): Shared, parts: Option<Parts>, Query(query): Keys| {
            blocking(move || {
                let (status, value) = match find(&app, &ask(parts, query)) {
                    Ok(Answer::Found(value)) => (StatusCode::OK, value),
                    Ok(Answer::Missing(what)) => (StatusCode::NOT_FOUND, json!({"error": what})),
                    Err(err) => (
                        StatusCode::SERVICE_UNAVAILABLE,
                        json!({"error": said(&err)}),
                    ),
                };
                (status, axum::Json(value)).into_response()
            })
        },
    )
}

/// Starts a job and goes to its run.
async fn begin(State(app): Shared, Path(job): Path<String>) -> Response {
    blocking(move || {
        let asked_at = now();
        let begun = match &app.begin {
            Some(begin) => begin(&job),
            None => Err(Diagnostic::project("this page may only look")
                .hint("`wh up` serves a page that can start jobs")
                .into()),
        };
        match begun {
            Ok(()) => Redirect::to(&seen(&app, &job, asked_at)).into_response(),
            Err(err) => {
                let page = layout::frame(&app, pages::broken(&err)).into_string();
                (StatusCode::CONFLICT, Html(page)).into_response()
            }
        }
    })
    .await
}

/// Returns the path of the run that a job began, or of the overview when it waits for the warehouse.
fn seen(app: &App, job: &str, asked_at: i64) -> String {
    for _ in 0..LOOKS {
        thread::sleep(BETWEEN_LOOKS);
        if let Ok(Some(run)) = app.state.last_run(Some(job))
            && run.started_at >= asked_at
        {
            return format!("/runs/{}", words::encoded(&run.run_id));
        }
    }
    "/".into()
}

fn ask(parts: Option<Parts>, query: BTreeMap<String, String>) -> Ask {
    Ask {
        path: parts.map(|Path(parts)| parts).unwrap_or_default(),
        query,
    }
}

async fn blocking(work: impl FnOnce() -> Response + Send + 'static) -> Response {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|err| {
        let bug = Diagnostic::new(Kind::Bug, format!("a page ended early: {err}"));
        tracing::error!(error = %bug, "page");
        (StatusCode::INTERNAL_SERVER_ERROR, bug.to_string()).into_response()
    })
}
