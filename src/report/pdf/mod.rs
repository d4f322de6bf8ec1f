//! A report as a PDF: A4, fonts embedded, charts as vectors, text that can be searched.
//!
//! Pages are laid out as SVG and drawn with the same fonts as the charts' PNGs.

mod blocks;
mod layout;
mod lines;
mod table;

use krilla::Document;
use krilla::action::LinkAction;
use krilla::annotation::{Annotation, LinkAnnotation, Target};
use krilla::destination::XyzDestination;
use krilla::geom::{Point, Rect, Size, Transform};
use krilla::metadata::{DateTime, Metadata};
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla_svg::{SurfaceExt, SvgSettings};
use resvg::usvg::{Options, Tree};

use self::layout::{Head, Leaf, PAGE, Place};
use super::chart;
use super::page::{Frame, Page};
use crate::diagnostic::{Diagnostic, Kind, Result};

/// Writes a report whose text is Markdown with [`Page::keep`]'s words in it, and returns the PDF's bytes.
///
/// The same report gives the same bytes, unless it holds letters beyond Latin, Greek and Cyrillic: those are drawn with
/// the machine's fonts. Takes some ten milliseconds a page.
///
/// # Errors
/// `Bug` when a page cannot be drawn.
pub(super) fn document(frame: &Frame<'_>, markdown: &str, page: &Page) -> Result<Vec<u8>> {
    let blocks = blocks::blocks(markdown, page);
    let options = chart::options(markdown.chars().chain(page.texts()));
    let charts = page
        .drawings
        .iter()
        .map(|drawing| parsed(&drawing.svg, &options));
    let charts = charts.collect::<Result<Vec<_>>>()?;
    let sizes: Vec<(f64, f64)> = charts
        .iter()
        .map(|chart| {
            (
                f64::from(chart.size().width()),
                f64::from(chart.size().height()),
            )
        })
        .collect();
    let when = frame.about.generated_at.strftime("%-d %B %Y, %H:%M UTC");
    let head = Head {
        title: frame.heading,
        description: frame.description,
        stamp: format!("{} · {when}", frame.about.project),
        foot: format!("{} · {} · {when}", frame.title, frame.about.project),
    };
    let leaves = layout::leaves(&head, &blocks, &sizes);
    let mut document = Document::new();
    for leaf in &leaves {
        draw(&mut document, leaf, &charts, &options)?;
    }
    document.set_outline(outline(&leaves));
    document.set_metadata(metadata(frame));
    document
        .finish()
        .map_err(|err| bug().note(format!("{err:?}")).into())
}

fn bug() -> Diagnostic {
    Diagnostic::new(Kind::Bug, "a report cannot be drawn as PDF")
}

fn parsed(svg: &str, options: &Options<'_>) -> Result<Tree> {
    Tree::from_str(svg, options).map_err(|err| bug().because(err).into())
}

fn draw(
    document: &mut Document,
    leaf: &Leaf,
    charts: &[Tree],
    options: &Options<'_>,
) -> Result<()> {
    let (width, height) = PAGE;
    let svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"Inter\" xml:space=\"preserve\">\n{}</svg>",
        leaf.body
    );
    let text = parsed(&svg, options)?;
    let size = |width: f64, height: f64| Size::from_wh(width as f32, height as f32).ok_or_else(bug);
    let settings = PageSettings::new(size(width, height)?);
    let mut page = document.start_page_with(settings);
    let mut surface = page.surface();
    surface
        .draw_svg(&text, size(width, height)?, SvgSettings::default())
        .ok_or_else(bug)?;
    for (number, place) in &leaf.charts {
        surface.push_transform(&Transform::from_translate(place.x as f32, place.y as f32));
        surface
            .draw_svg(
                &charts[*number],
                size(place.width, place.height)?,
                SvgSettings::default(),
            )
            .ok_or_else(bug)?;
        surface.pop();
    }
    surface.finish();
    for (url, place) in &leaf.links {
        // A link that leads nowhere from a PDF stays text.
        if url.contains(':') {
            let target = Target::Action(LinkAction::new(url.clone()).into());
            let link = LinkAnnotation::new(rect(*place)?, target);
            page.add_annotation(Annotation::new_link(link, Some(url.clone())));
        }
    }
    page.finish();
    Ok(())
}

fn rect(place: Place) -> Result<Rect> {
    let [x, y, width, height] =
        [place.x, place.y, place.width, place.height].map(|side| side as f32);
    Ok(Rect::from_xywh(x, y, width.max(1.0), height).ok_or_else(bug)?)
}

/// The headings of the first three levels, one below the other, as a reader's list of contents.
fn outline(leaves: &[Leaf]) -> Outline {
    let mut roots: Vec<(u8, OutlineNode)> = Vec::new();
    let mut outline = Outline::new();
    for (number, leaf) in leaves.iter().enumerate() {
        for (level, text, y) in leaf.headings.iter().filter(|(level, ..)| *level <= 3) {
            let place =
                XyzDestination::new(number, Point::from_xy(0.0, (*y as f32 - 8.0).max(0.0)));
            close(&mut roots, *level, &mut outline);
            roots.push((*level, OutlineNode::new(text.clone(), place)));
        }
    }
    close(&mut roots, 0, &mut outline);
    outline
}

/// Hands the open headings from a level on to those above them.
fn close(open: &mut Vec<(u8, OutlineNode)>, level: u8, outline: &mut Outline) {
    while open.last().is_some_and(|(last, _)| *last >= level) {
        let Some((_, node)) = open.pop() else { return };
        match open.last_mut() {
            Some((_, above)) => above.push_child(node),
            None => outline.push_child(node),
        }
    }
}

fn metadata(frame: &Frame<'_>) -> Metadata {
    let at = frame
        .about
        .generated_at
        .to_zoned(jiff::tz::TimeZone::UTC)
        .datetime();
    let small = |number: i8| u8::try_from(number).unwrap_or(0);
    let created = DateTime::new(u16::try_from(at.year()).unwrap_or(0))
        .month(small(at.month()))
        .day(small(at.day()))
        .hour(small(at.hour()))
        .minute(small(at.minute()))
        .second(small(at.second()))
        .utc_offset_hour(0)
        .utc_offset_minute(0);
    Metadata::new()
        .title(frame.title.into())
        .description(frame.description.into())
        .authors(vec![frame.about.project.clone()])
        .creator(format!("wh {}", frame.about.version))
        .language("en".into())
        .creation_date(created)
}
