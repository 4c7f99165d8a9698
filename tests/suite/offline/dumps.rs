//! Dumps of `kubectl get` in every form: the facts, and what their lists prove.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use notafter::facts::{Facts, OPERATORS, SECRETS, SERVICES};
use notafter::health::{List, State};
use notafter::kinds::{self, Resource};
use notafter::object::{Kind, Label};
use notafter::offline::Inspected;
use notafter::wire::Item;
use serde_json::{Value, json};

use super::{Files, all, list, names, object, opaque, reasons, text, web, yaml};
use crate::encodings::objects;
use crate::managed::labelled;
use crate::world::{World, certificate, operator, tls};

/// The facts as an API server's objects yield them, in the order of its lists.
pub(super) fn expected(objects: &[Value]) -> String {
    let mut facts = Facts::default();
    for resource in kinds::ALL {
        let mut items: Vec<&Value> = objects
            .iter()
            .filter(|object| std::ptr::eq(of(object), resource))
            .collect();
        items.sort_by_key(|object| {
            let part = |part: &str| object["metadata"][part].as_str().unwrap_or_default();
            format!("{}/{}", part("namespace"), part("name"))
        });
        for object in items {
            let text = object.to_string();
            let item = Item::json(resource.kind, text.as_bytes()).unwrap();
            let read = resource.read(&item).unwrap();
            read.into_iter().for_each(|fact| facts.add(fact));
        }
    }
    all(&facts)
}

/// The resource of an object.
fn of(object: &Value) -> &'static Resource {
    let text = |field: &str| object[field].as_str().unwrap();
    Resource::of(text("apiVersion"), text("kind")).unwrap()
}

fn assert_same(inspected: &Inspected, objects: &[Value]) {
    assert_eq!(reasons(inspected), []);
    assert_eq!(all(&inspected.facts), expected(objects));
}

#[test]
fn a_list_of_mixed_kinds_yields_the_facts_of_its_objects() {
    let objects = objects();
    let list = list(&objects);
    for (name, contents) in [
        ("dump.yaml", yaml(&list)),
        ("dump.json", list.to_string()),
        ("pretty.json", serde_json::to_string_pretty(&list).unwrap()),
        ("braces.yaml", format!("---\n{list}\n")),
    ] {
        let inspected = text(name, contents);
        assert_same(&inspected, &objects);
    }
}

#[test]
fn documents_one_behind_the_other_yield_the_facts_of_a_list() {
    let objects = objects();
    let documents = |of: fn(&Value) -> String, between: &str| {
        let all: Vec<String> = objects.iter().map(of).collect();
        all.join(between)
    };
    for (name, contents) in [
        ("documents.yaml", documents(yaml, "---\n")),
        ("ended.yaml", documents(yaml, "...\n# more\n---\n")),
        ("documents.json", documents(Value::to_string, "\n")),
        ("glued.json", documents(Value::to_string, "")),
        ("sequence.json", json!(objects).to_string()),
    ] {
        let inspected = text(name, contents);
        assert_same(&inspected, &objects);
        assert_eq!(inspected.facts.known, [], "{name}");
    }
}

#[test]
fn a_file_may_be_compressed_in_utf_16_or_have_the_line_ends_of_windows() {
    let objects = objects();
    let plain = yaml(&list(&objects));
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(plain.as_bytes()).unwrap();
    let windows = plain.replace('\n', "\r\n");
    let units = |text: &str| -> Vec<u16> { text.encode_utf16().collect() };
    let little: Vec<u8> = units(&format!("\u{feff}{windows}"))
        .into_iter()
        .flat_map(u16::to_le_bytes)
        .collect();
    let big: Vec<u8> = units(&format!("\u{feff}{plain}"))
        .into_iter()
        .flat_map(u16::to_be_bytes)
        .collect();
    let unmarked: Vec<u8> = units(&list(&objects).to_string())
        .into_iter()
        .flat_map(u16::to_le_bytes)
        .collect();
    for (name, contents) in [
        ("dump.yaml.gz", gzip.finish().unwrap()),
        ("windows.yaml", windows.clone().into_bytes()),
        ("marked.yaml", format!("\u{feff}{plain}").into_bytes()),
        ("little.yaml", little),
        ("big.yaml", big),
        ("unmarked.json", unmarked),
    ] {
        let inspected = text(name, contents);
        assert_same(&inspected, &objects);
    }
}

#[test]
fn a_list_in_any_style_of_yaml_is_read() {
    let secret = web();
    let indented = yaml(&secret).replace('\n', "\n    ");
    let indented = format!(
        "kind: List\napiVersion: v1\nitems: # two\n\n# one\n  - {}\nmetadata: {{}}\n",
        indented.trim_end()
    );
    let flow = format!("apiVersion: v1\nkind: List\nitems: [{secret}]\n");
    let shifted = yaml(&list(std::slice::from_ref(&secret)));
    let shifted = format!("  {}\n", shifted.trim_end().replace('\n', "\n  "));
    let anchored = format!(
        "apiVersion: v1\nkind: List\nitems:\n- {{apiVersion: v1, kind: Service, metadata: &m {{namespace: shop, name: web}}}}\n\
         - apiVersion: v1\n  kind: Secret\n  type: kubernetes.io/tls\n  metadata: *m\n  data: {}\n",
        secret["data"],
    );
    let bare = format!("{{apiVersion: v1, kind: List, items: [{secret}]}}");
    for (name, contents) in [
        ("indented.yaml", indented),
        ("flow.yaml", flow),
        ("shifted.yaml", shifted),
        ("anchored.yaml", anchored),
        ("bare.yaml", bare),
    ] {
        let inspected = text(name, contents);
        assert_eq!(reasons(&inspected), [], "{name}");
        assert_eq!(names(&inspected), ["shop/web"], "{name}");
    }
}

#[test]
fn a_list_whose_items_have_no_kind_names_it() {
    let mut item = web();
    item.as_object_mut().unwrap().remove("kind");
    item.as_object_mut().unwrap().remove("apiVersion");
    let list = json!({"kind": "SecretList", "apiVersion": "v1", "metadata": {}, "items": [item]});
    for (name, contents) in [("raw.json", list.to_string()), ("raw.yaml", yaml(&list))] {
        let inspected = text(name, contents);
        assert_eq!(reasons(&inspected), [], "{name}");
        assert_eq!(names(&inspected), ["shop/web"], "{name}");
        assert!(inspected.facts.knows(SECRETS, "shop"), "{name}");
    }
}

#[test]
fn what_the_lists_of_an_api_server_leave_out_is_left_out() {
    let copy = labelled(
        operator("shop", "copied", "Succeeded"),
        "olm.copiedFrom",
        "operators",
    );
    let mut knative = json!({"apiVersion": "serving.knative.dev/v1", "kind": "Service", "metadata": {"namespace": "shop", "name": "fn"}});
    knative["spec"] = json!({});
    let objects = [opaque("shop", "password"), copy, knative];
    let inspected = text("dump.yaml", yaml(&list(&objects)));
    assert_eq!(reasons(&inspected), []);
    assert_eq!(all(&inspected.facts), all(&Facts::default()));
    // They show that the list was taken, all the same.
    assert!(inspected.facts.knows(SECRETS, "shop"));
    assert!(inspected.facts.knows(OPERATORS, "shop"));
    assert!(!inspected.facts.knows(SERVICES, "shop"));
}

#[test]
fn every_selector_of_a_list_is_understood() {
    for resource in kinds::ALL.into_iter().chain([&kinds::CLIENT_CA]) {
        let terms = resource.fields.iter().chain(&resource.labels).count();
        let conditions = resource.conditions().map(|conditions| conditions.len());
        assert_eq!(conditions, Some(terms), "{}", resource.name());
    }
}

#[test]
fn a_list_of_several_namespaces_knows_the_whole_cluster() {
    let api = tls("api", "web", &certificate("web", 30));
    let inspected = text("dump.yaml", yaml(&list(&[web(), api])));
    assert!(inspected.facts.knows(SECRETS, "elsewhere") && inspected.facts.knows_all(SECRETS));
    assert!(!inspected.facts.knows(SERVICES, "shop"));
    let secrets = &inspected.lists[0];
    assert_eq!(
        (&secrets.state, secrets.objects, &secrets.namespace),
        (&State::Complete, 2, &None)
    );
    assert_eq!(inspected.lists[1].state, State::Unread);
    assert_eq!(inspected.lists.len(), kinds::ALL.len());
}

#[test]
fn a_list_of_one_namespace_knows_that_namespace() {
    let inspected = text("dump.yaml", yaml(&list(&[web()])));
    assert!(inspected.facts.knows(SECRETS, "shop"));
    assert!(!inspected.facts.knows(SECRETS, "elsewhere") && !inspected.facts.knows_all(SECRETS));
    assert_eq!(inspected.lists[0].namespace.as_deref(), Some("shop"));
}

#[test]
fn a_single_object_proves_no_absence() {
    let inspected = text("secret.yaml", yaml(&web()));
    assert!(!inspected.facts.knows(SECRETS, "shop"));
    let secrets = &inspected.lists[0];
    assert_eq!((&secrets.state, secrets.objects), (&State::Unread, 1));
}

#[test]
fn a_page_of_a_list_proves_no_absence() {
    let mut page = list(&[web(), tls("api", "web", &certificate("web", 30))]);
    page["metadata"]["continue"] = "a token".into();
    let inspected = text("page.json", page.to_string());
    assert_eq!(names(&inspected), ["api/web", "shop/web"]);
    assert_eq!(inspected.facts.known, []);
}

#[test]
fn the_labels_that_selectors_name_are_kept() {
    let files = Files::new();
    let secret = labelled(labelled(web(), "team", "shop"), "tier", "front");
    let path = files.write("web.yaml", yaml(&secret));
    let inspected = notafter::offline::read(&[path], &["team".into()], &mut |_| ());
    let labels = &inspected.facts.holders[0].meta.labels;
    assert_eq!(**labels, [Label::new("team", "shop".into())]);
}

#[test]
fn every_object_has_its_file_and_its_line() {
    let files = Files::new();
    let path = files.write(
        "dump.yaml",
        yaml(&list(&[opaque("shop", "password"), web()])),
    );
    let inspected = files.read("dump.yaml");
    let source = &inspected.sources[&object(Kind::Secret, "shop", "web")];
    assert_eq!(*source.file, *path);
    let contents = std::fs::read_to_string(&path).unwrap();
    let line = contents.lines().nth(source.line.unwrap() - 1).unwrap();
    assert_eq!(line, "- apiVersion: v1");
}

#[test]
fn the_objects_are_counted_while_they_are_read() {
    let files = Files::new();
    let path = files.write(
        "dump.json",
        list(&[opaque("shop", "password"), web()]).to_string(),
    );
    let mut counts = Vec::new();
    notafter::offline::read(&[path], &[], &mut |count| counts.push(count));
    assert_eq!(counts, [1, 2, 2]);
}

#[tokio::test(start_paused = true)]
async fn a_dump_of_a_cluster_yields_the_facts_of_the_cluster() {
    let cluster = crate::managed::cluster();
    for object in objects() {
        cluster.apply(object);
    }
    let mut world = World::of(cluster.clone());
    let polled = world.watched.poll().await.facts;
    let mut items = Vec::new();
    for resource in kinds::ALL {
        items.extend(cluster.list(resource.kind.as_str()));
    }
    // The simulator knows two kinds of that name by the first one.
    let objects = objects().into_iter();
    items.extend(objects.filter(|object| {
        object["apiVersion"] == "config.openshift.io/v1" && object["kind"] == "Ingress"
    }));
    let inspected = text("dump.yaml", yaml(&list(&items)));
    assert_eq!(reasons(&inspected), []);
    assert_eq!(all(&inspected.facts), all(&polled));
}

#[test]
fn the_api_service_of_the_core_group_is_a_name_like_others() {
    let core = json!({
        "apiVersion": "apiregistration.k8s.io/v1",
        "kind": "APIService",
        "metadata": {"name": "v1."},
        "spec": {"version": "v1"},
    });
    let inspected = text("dump.yaml", yaml(&list(&[core, web()])));
    assert_eq!(reasons(&inspected), []);
    let known = |list: &&List| list.state == State::Complete;
    assert_eq!(inspected.lists.iter().filter(known).count(), 2);
}
