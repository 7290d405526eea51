//! The application server over HTTP, with the fund system in the same process.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use fund_io::FundSystem;
use fundline_ivr::apps::{AppServer, Apps, CALL_HEADER};
use fundsim::{DEMO_ACCOUNT, DEMO_FUND, Running};
use reqwest::Client;
use std::fs;
use tempfile::TempDir;

struct Served {
    company: Running,
    pin: String,
    folder: TempDir,
    base: String,
    client: Client,
}

async fn serve(fund: bool) -> Served {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("fund");
    let config = fundsim::Config { seed: Some(5), ..fundsim::Config::new("127.0.0.1:0".parse().unwrap(), data) };
    let company = fundsim::start(config).await.unwrap();
    let pin = company.demo().unwrap().pin.reveal().to_owned();
    let system = fund.then(|| FundSystem::new(&format!("http://{}", company.addr())).unwrap());
    let server = AppServer::new(Apps::new(folder.path().join("apps")), system);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/apps", listener.local_addr().unwrap());
    tokio::spawn(server.serve(listener));
    Served { company, pin, folder, base, client: Client::builder().no_proxy().build().unwrap() }
}

impl Served {
    async fn get(&self, path: &str) -> (u16, String) {
        let answer = self.client.get(format!("{}/{path}", self.base)).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> String {
        let request = self.client.post(format!("{}/{path}", self.base)).header(CALL_HEADER, "0123");
        let answer = request.form(fields).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 200);
        answer.text().await.unwrap()
    }

    fn write(&self, app: &str, name: &str, text: &str) {
        let folder = self.folder.path().join("apps").join(app);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(name), text).unwrap();
    }
}

/// The document's dialogs, by id; it must be well-formed.
#[track_caller]
fn dialogs(document: &str) -> Vec<String> {
    let read = roxmltree::Document::parse(document).unwrap_or_else(|why| panic!("{why}\n{document}"));
    assert!(document.starts_with("<?xml"), "{document}");
    let root = read.root_element();
    assert_eq!(root.tag_name().name(), "vxml");
    root.children().filter_map(|node| node.attribute("id")).map(str::to_owned).collect()
}

#[tokio::test]
async fn every_page_is_well_formed_in_both_languages() {
    let server = serve(true).await;
    for lang in ["zh", "en"] {
        for (page, expected) in [
            ("start", vec!["language"]),
            ("menu", vec!["main"]),
            ("nav", vec!["nav"]),
            ("news", vec!["news"]),
            ("account", vec!["account"]),
            ("agent", vec!["agent", "agent_again"]),
        ] {
            let (status, document) = server.get(&format!("hotline/{page}?lang={lang}")).await;
            assert_eq!(status, 200, "{page}");
            assert_eq!(dialogs(&document), expected, "{page}");
        }
        for (code, tries, expected) in [
            (DEMO_FUND, "0", "fund"),
            ("999998", "0", "unknown_fund"),
            ("999998", "1", "unknown_fund"),
            ("999998", "2", "no_fund"),
        ] {
            let document = server.post("hotline/fund", &[("lang", lang), ("code", code), ("tries", tries)]).await;
            assert_eq!(dialogs(&document), [expected]);
        }
        let fields = [("lang", lang), ("account", DEMO_ACCOUNT), ("pin", server.pin.as_str())];
        let document = server.post("hotline/balance", &fields).await;
        assert_eq!(dialogs(&document), ["balance", "holdings"]);
        assert!(!document.contains(&server.pin));
    }
}

#[tokio::test]
async fn all_funds_have_a_document_and_all_news_too() {
    let server = serve(true).await;
    let list = server.client.get(format!("http://{}/v1/funds", server.company.addr())).send().await.unwrap();
    let list: serde_json::Value = serde_json::from_str(&list.text().await.unwrap()).unwrap();
    for fund in list["funds"].as_array().unwrap() {
        let document = server.post("hotline/fund", &[("lang", "zh"), ("code", fund["code"].as_str().unwrap())]).await;
        assert_eq!(dialogs(&document), ["fund"]);
        assert!(document.contains(fund["name"]["zh"].as_str().unwrap()));
    }
    for n in 0..6 {
        let (_, document) = server.get(&format!("hotline/news?lang=en&n={n}")).await;
        assert_eq!(dialogs(&document), ["news"]);
        assert_eq!(document.contains("n=5\""), n == 4 && document.contains("dtmf=\"1\""), "{document}");
    }
}

#[tokio::test]
async fn a_wrong_pin_asks_again_and_the_third_ends_the_call() {
    let server = serve(true).await;
    let wrong = if server.pin == "777777" { "777778" } else { "777777" };
    for expected in ["wrong_pin", "wrong_pin", "refused"] {
        let document = server.post("hotline/balance", &[("account", DEMO_ACCOUNT), ("pin", wrong)]).await;
        assert_eq!(dialogs(&document), [expected]);
        assert!(!document.contains(wrong), "{document}");
    }
}

#[tokio::test]
async fn without_a_fund_system_the_caller_is_led_to_an_agent() {
    let server = serve(false).await;
    assert_eq!(dialogs(&server.post("hotline/fund", &[("code", DEMO_FUND)]).await), ["no_fund"]);
    let fields = [("account", DEMO_ACCOUNT), ("pin", "123456")];
    assert_eq!(dialogs(&server.post("hotline/balance", &fields).await), ["no_balance"]);
    assert_eq!(dialogs(&server.get("hotline/news").await.1), ["news"]);
}

#[tokio::test]
async fn a_pin_in_the_address_is_refused() {
    let server = serve(true).await;
    let (status, why) = server.get(&format!("hotline/balance?account={DEMO_ACCOUNT}&pin=123456")).await;
    assert_eq!(status, 400);
    assert!(why.contains("method=\"post\"") && !why.contains("123456"), "{why}");
}

#[tokio::test]
async fn what_is_no_page_is_not_found() {
    let server = serve(true).await;
    for path in [
        "hotline/nothing",
        "nothing/start",
        "hotline/_document",
        "hotline/_words.zh",
        "hotline/README.md",
        "hotline/%2e%2e",
    ] {
        assert_eq!(server.get(path).await.0, 404, "{path}");
    }
}

#[tokio::test]
async fn a_programmers_own_application_is_served_as_it_is_on_disk() {
    let server = serve(true).await;
    server.write("mine", "hello.vxml.j2", "<?xml version=\"1.0\"?>\n<vxml><form id=\"{{ form.who }}\"/></vxml>");
    server.write("mine", "tune.wav", "RIFF");
    server.write("mine", "keys.grxml", "<grammar/>");
    assert_eq!(dialogs(&server.get("mine/hello?who=%3Ca%22b%3E").await.1), ["<a\"b>"]);
    assert_eq!(server.get("mine/tune.wav").await, (200, "RIFF".into()));
    assert_eq!(server.get("mine/keys.grxml").await, (200, "<grammar/>".into()));
    server.write("mine", "hello.vxml.j2", "<?xml version=\"1.0\"?>\n<vxml><form id=\"changed\"/></vxml>");
    assert_eq!(dialogs(&server.get("mine/hello").await.1), ["changed"]);
}

#[tokio::test]
async fn a_template_that_fails_gives_an_apology_and_not_its_text() {
    let server = serve(true).await;
    for text in [
        "{% if %}",
        "<vxml>{{ secret_plan.colour }}</vxml>",
        "{% for a in range(10000) %}{% for b in range(10000) %}x{% endfor %}{% endfor %}",
        "{% set a = 'x' * 1000000 %}{{ a }}{{ a }}",
        "{{ login('990000000001', '123456') }}",
        "{% include 'nothing.j2' %}",
        "{% include 'bad.vxml.j2' %}",
    ] {
        server.write("mine", "bad.vxml.j2", text);
        let (status, document) = server.get("mine/bad?lang=en").await;
        assert_eq!((status, dialogs(&document)), (200, vec!["apology".to_owned()]), "{text}");
        assert!(!document.contains("secret_plan") && document.contains("Sorry"), "{document}");
    }
}
