//! `wh deps` with a folder, a repository, and a hub on this machine.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;
use std::thread;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::scratch::{Said, Scratch};

/// A hub that answers a fixed set of addresses; returns its own.
fn hub(answers: impl Fn(&str, &str) -> Option<Vec<u8>> + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let own = base.clone();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut read = [0; 4096];
            let n = stream.read(&mut read).unwrap();
            let head = String::from_utf8_lossy(&read[..n]).into_owned();
            let path = head
                .split_whitespace()
                .nth(1)
                .unwrap_or_default()
                .to_owned();
            let (status, body) = match answers(&path, &own) {
                Some(body) => ("200 OK", body),
                None => ("404 Not Found", Vec::new()),
            };
            let head = format!(
                "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                body.len()
            );
            stream.write_all(head.as_bytes()).unwrap();
            stream.write_all(&body).unwrap();
        }
    });
    base
}

fn packed(files: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (path, text) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        archive
            .append_data(&mut header, path, text.as_bytes())
            .unwrap();
    }
    archive.into_inner().unwrap().finish().unwrap()
}

fn answer(path: &str, base: &str) -> Option<Vec<u8>> {
    let version = |name: &str, version: &str, packages: &str| {
        format!(
            r#""{version}": {{"name": "{name}", "packages": {packages},
              "downloads": {{"tarball": "{base}/{name}-{version}.tar.gz"}}}}"#
        )
    };
    let json = |name: &str, versions: Vec<String>| {
        let versions = versions.join(",");
        Some(format!(r#"{{"name": "{name}", "versions": {{{versions}}}}}"#).into_bytes())
    };
    let needs = r#"[{"package": "acme/base", "version": [">=1.0.0", "<2.0.0"]}]"#;
    match path {
        "/api/v1/acme/tools.json" => json(
            "tools",
            vec![
                version("tools", "1.0.0", needs),
                version("tools", "1.2.0", needs),
                version("tools", "2.0.0-rc1", needs),
            ],
        ),
        "/api/v1/acme/base.json" => json(
            "base",
            vec![
                version("base", "1.5.0", "[]"),
                version("base", "2.1.0", "[]"),
            ],
        ),
        _ => {
            let (name, _) = path.trim_start_matches('/').split_once('-')?;
            let version = path.split_once('-')?.1.strip_suffix(".tar.gz")?;
            let project = format!("name: {name}\nversion: {version}\n");
            let macros = format!("{{% macro version_of_{name}() %}}'{version}'{{% endmacro %}}");
            Some(packed(&[
                (&format!("{name}-folder/dbt_project.yml"), &project),
                (&format!("{name}-folder/macros/m.sql"), &macros),
            ]))
        }
    }
}

fn git(folder: &std::path::Path, arguments: &[&str]) {
    let ran = Command::new("git")
        .args([
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@b",
            "-c",
            "commit.gpgsign=false",
        ])
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(
        ran.status.success(),
        "{}",
        String::from_utf8_lossy(&ran.stderr)
    );
}

/// A project that lists a package of each kind.
fn project() -> Scratch {
    let scratch = Scratch::empty();
    scratch.write("repo/dbt_project.yml", "name: fromgit\nversion: 1.0.0\n");
    scratch.write(
        "repo/macros/g.sql",
        "{% macro from_git() %}'first'{% endmacro %}",
    );
    let repo = scratch.path("repo");
    git(&repo, &["init", "-q"]);
    git(&repo, &["add", "."]);
    git(&repo, &["commit", "-qm", "first"]);
    git(&repo, &["tag", "v1"]);
    scratch.write(
        "repo/macros/g.sql",
        "{% macro from_git() %}'second'{% endmacro %}",
    );
    git(&repo, &["commit", "-qam", "second"]);
    scratch.write("near/dbt_project.yml", "name: near\nversion: 1.0.0\n");
    scratch.write(
        "near/macros/n.sql",
        "{% macro from_near() %}'near'{% endmacro %}",
    );
    scratch.write("near/models/near_model.sql", "select {{ var('n') }} as n");
    scratch.write("wh.yml", "name: shop\nvars: {near: {n: 7}}\n");
    scratch.write(
        "packages.yml",
        format!(
            "packages:\n  - package: acme/tools\n    version: ['>=1.0.0', '<3.0.0']\n  \
             - git: {}\n    revision: v1\n  - local: near\n",
            repo.display()
        ),
    );
    scratch.write(
        "models/all.sql",
        "select {{ tools.version_of_tools() }} as tools, {{ base.version_of_base() }} as base, \
         {{ fromgit.from_git() }} as git, {{ near.from_near() }} as near, n from {{ ref('near', 'near_model') }}",
    );
    scratch
}

fn run(scratch: &Scratch, hub: &str, arguments: &[&str]) -> Said {
    let mut command = scratch.wh(arguments);
    scratch.said(&command.env("DBT_PACKAGE_HUB_URL", hub).output().unwrap())
}

fn read(scratch: &Scratch, file: &str) -> String {
    std::fs::read_to_string(scratch.path(file)).unwrap()
}

#[test]
fn packages_of_every_kind_are_resolved_installed_and_used() {
    let scratch = project();
    let base = hub(answer);
    let run = |arguments: &[&str]| run(&scratch, &base, arguments);
    let refused = run(&["build"]);
    assert_eq!(refused.code, 2, "{}", refused.text);
    assert!(
        refused.text.contains("`wh deps` installs them"),
        "{}",
        refused.text
    );
    let done = run(&["deps"]);
    assert_eq!(done.code, 0, "{}", done.text);
    let lock = read(&scratch, "package-lock.yml");
    for part in [
        "version: 1.2.0",
        "version: 1.5.0",
        "local: near",
        "sha1_hash:",
    ] {
        assert!(lock.contains(part), "{lock}");
    }
    let built = run(&["build"]);
    assert_eq!(built.code, 0, "{}", built.text);
    let row = run(&["query", "--format", "csv", "from \"all\""]);
    assert!(
        row.text.contains("1.2.0,1.5.0,first,near,7"),
        "{}",
        row.text
    );
    let again = run(&["deps"]);
    assert_eq!((again.code, read(&scratch, "package-lock.yml")), (0, lock));
    let added = run(&["deps", "--add-package", "acme/base@1.5.0", "--lock"]);
    assert_eq!(added.code, 0, "{}", added.text);
    assert!(read(&scratch, "packages.yml").contains("acme/base"));
}

#[test]
fn what_cannot_be_met_is_refused_and_nothing_is_installed() {
    let scratch = project();
    let base = hub(answer);
    let refused = |list: &str, parts: &[&str]| {
        scratch.write("packages.yml", list);
        let said = run(&scratch, &base, &["deps"]);
        assert_eq!(said.code, 2, "{}", said.text);
        for part in parts {
            assert!(
                said.text.contains(part),
                "`{part}` is not in:\n{}",
                said.text
            );
        }
        assert!(!scratch.path("dbt_packages").exists());
        assert!(!scratch.path("package-lock.yml").exists());
    };
    refused(
        "packages:\n  - package: acme/tools\n    version: '>=9.0.0'\n",
        &[
            "no version of `acme/tools` is >=9.0.0",
            "packages.yml:2:5",
            "the newest is 1.2.0",
        ],
    );
    refused(
        "packages:\n  - package: acme/tools\n    version: 1.2.0\n  - package: acme/base\n    version: 2.1.0\n",
        &["no version of `acme/base` is 2.1.0 and >=1.0.0 and <2.0.0"],
    );
    refused(
        "packages:\n  - package: tools\n    version: 1.0.0\n",
        &["`tools` is no package of the hub"],
    );
    refused("packages:\n  - packge: a/b\n", &["names no package"]);
    refused(
        "packages:\n  - local: nowhere\n",
        &["holds no dbt_project.yml"],
    );
}
