//! Tables in CSV.

use super::{connections, corpus, fixture, model};
use weaklink::import::{Import, Options, import};
use weaklink::source::Source;

fn read(name: &str, text: &str, options: &Options) -> Import {
    let source = Source::from_bytes(name.to_owned(), text.as_bytes().to_vec(), 0).expect("it is text");
    import(&[(&source, None)], options).expect("it is a table")
}

#[test]
fn a_table_of_systems_and_one_of_edges_make_one_model() {
    let (import, estate) = model(&[fixture("graph/systems.csv"), fixture("graph/edges.tsv")]);
    assert_eq!(connections(&import), ["orders feeds warehouse", "shop reaches orders?"]);
    let shop = estate.system(estate.find_system("shop").expect("it is there"));
    assert_eq!(shop.name.as_deref(), Some("Shop, the new one"));
    assert_eq!(shop.owner.map(|owner| estate.party(owner).id.clone()).as_deref(), Some("shop-team"));
    let told: Vec<String> = import
        .document
        .systems
        .iter()
        .flat_map(|system| &system.layers)
        .map(|(layer, claim)| {
            format!("{layer} {:?} {:?}", claim.owner.as_ref().map(|owner| &owner.value), claim.status.as_ref().map(|status| status.value))
        })
        .collect();
    assert_eq!(told, ["os Some(\"aws\") Some(Partial)"]);
}

#[test]
fn columns_have_the_names_that_flags_give() {
    let columns = vec![("from".to_owned(), "caller".to_owned()), ("to".to_owned(), "callee".to_owned())];
    let options = Options { columns, ..Options::default() };
    assert_eq!(connections(&read("a.csv", "callee;caller\ndb;web\n", &options)), ["web reaches db"]);
}

#[test]
fn words_of_others_are_counted_and_not_taken_for_ours() {
    let import = read("a.csv", "source,target,kind\na,b,depends\nb,c,feeds\n", &Options::default());
    assert_eq!(connections(&import), ["a reaches b", "b feeds c"]);
    assert_eq!(import.files[0].not_understood, [("a word in `kind`".to_owned(), 1)]);
}

#[test]
fn the_dependencies_of_a_whole_distribution_are_read() {
    let Some(packed) = corpus("csv/debian-apt/debian12-depends.csv.gz") else { return };
    let Some(text) = super::unpacked_text(&packed) else { return };
    let import = read("depends.csv", &text, &Options::default());
    // One package depends on itself nowhere, so that every row is a connection, some stated by two.
    assert_eq!((import.files[0].things, import.files[0].references), (71_032, 302_222));
}
