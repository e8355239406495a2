//! Graphs in DOT.

use super::{connections, corpus_files, fixture, imported, model};
use weaklink::import::{Import, Options, import};
use weaklink::source::Source;

fn read(text: &str, options: &Options) -> Import {
    let source = Source::from_bytes("a.dot".to_owned(), text.as_bytes().to_vec(), 0).expect("it is text");
    import(&[(&source, None)], options).expect("it is a graph")
}

#[test]
fn every_form_of_the_language_is_read() {
    let (import, estate) = model(&[fixture("graph/forms.dot")]);
    let told = connections(&import);
    let expected = [
        "007 reaches -1.5",
        "Z%C3%BCrich reaches a%20b",
        "a%20b reaches c",
        "c reaches d",
        "c reaches e",
        "d reaches f",
        "e reaches f",
        "long reaches joined",
        "record reaches c",
        "shop reaches orders",
    ];
    assert_eq!(told, expected);
    let orders = estate.system(estate.find_system("orders").expect("it is there"));
    assert_eq!(orders.name.as_deref(), Some("Orders database"));
    assert_eq!(orders.tags, ["Cellar"]);
    assert_eq!((import.files[0].things, import.files[0].references), (16, 10));
}

#[test]
fn an_edge_without_a_direction_acts_both_ways() {
    let told = connections(&read("graph { a -- b [certainty=possible] }", &Options::default()));
    assert_eq!(told, ["a peers b?"]);
    let kind = weaklink::catalog::ConnectionKind::Feeds;
    let told = connections(&read("strict graph { a -- b }", &Options { kind, ..Options::default() }));
    assert_eq!(told, ["a feeds b", "b feeds a"]);
}

#[test]
fn flags_say_what_an_edge_means() {
    let columns = vec![("kind".to_owned(), "verb".to_owned())];
    let options = Options { reverse: true, columns, ..Options::default() };
    let told = connections(&read("digraph { a -> b [verb=feeds, kind=ignored]; c -> d }", &options));
    assert_eq!(told, ["b feeds a", "d reaches c"]);
}

#[test]
fn several_graphs_of_one_file_are_all_read() {
    let import = read("digraph { a -> b } digraph { b -> c; c -> c }", &Options::default());
    assert_eq!(connections(&import), ["a reaches b", "b reaches c"]);
    assert_eq!((import.files[0].things, import.files[0].references), (4, 3));
}

#[test]
fn deep_and_wide_graphs_are_read_or_refused_and_never_exhaust_anything() {
    let nested = |depth: usize| format!("digraph {{ {} a {} }}", "{".repeat(depth), "}".repeat(depth));
    assert_eq!(read(&nested(1_000), &Options::default()).document.systems.len(), 1);
    let deep = Source::from_bytes("a.dot".to_owned(), nested(1_001).into_bytes(), 0).expect("it is text");
    assert!(import(&[(&deep, None)], &Options::default()).is_err());
    let many: Vec<String> = (0..5_000).map(|ix| format!("n{ix}")).collect();
    let wide = format!("digraph {{ {{{}}} -> {{{}}} }}", many.join(" "), many.join(" "));
    let source = Source::from_bytes("a.dot".to_owned(), wide.into_bytes(), 0).expect("it is text");
    assert!(import(&[(&source, None)], &Options::default()).is_err());
}

#[test]
fn every_real_graph_is_read() {
    let files: Vec<_> = corpus_files("dot").into_iter().filter(|path| path.extension().is_some_and(|end| end != "gz")).collect();
    for path in &files {
        assert!(imported(std::slice::from_ref(path)).is_ok(), "{}", path.display());
    }
    let counts: Vec<(usize, usize)> = files
        .iter()
        .map(|path| {
            let (import, _) = model(std::slice::from_ref(path));
            (import.files[0].things, import.files[0].references)
        })
        .collect();
    if !counts.is_empty() {
        assert_eq!(counts, [(11, 14), (938, 1954), (49, 90), (49, 90), (27, 52)]);
    }
}
