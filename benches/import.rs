//! Importing a Terraform plan and a table of edges of a given size, phase by phase.
//!
//! cargo bench --bench import -- 8001 300000

#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

#[expect(dead_code, reason = "this bench makes its files itself")]
mod common;

use common::{RUNS, median, peak_memory};
use std::fmt::Write as _;
use std::hint::black_box;
use weaklink::import::{Import, Options, import};
use weaklink::report::model;
use weaklink::source::Source;

fn main() {
    let numbers: Vec<usize> = std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    let (resources, edges) = (numbers.first().copied().unwrap_or(8_001), numbers.get(1).copied().unwrap_or(300_000));
    measure("plan.json", &plan(resources));
    measure("state.json", &state(resources));
    measure("edges.csv", &table(edges));
    if let Some(peak) = peak_memory() {
        println!("peak memory of the whole bench: {peak}");
    }
}

fn measure(name: &str, text: &str) {
    let imported = || -> (Source, Import) {
        let source = Source::from_bytes(name.to_owned(), text.as_bytes().to_vec(), 0).expect("it is text");
        let imported = import(&[(&source, None)], &Options::default()).expect("it is well formed");
        (source, imported)
    };
    let (_, all) = imported();
    println!(
        "{name}, {} bytes: {} things, {} systems, {} connections; medians of {RUNS} runs",
        text.len(),
        all.files[0].things,
        all.document.systems.len(),
        all.document.connections.len()
    );
    let import_time = median(|| {
        black_box(imported());
    });
    println!("import                     {import_time:9.3} ms");
    let write = median(|| {
        black_box(model::json(&all.document));
    });
    println!("write as JSON              {write:9.3} ms");
    let write = median(|| {
        black_box(model::yaml(&all.document));
    });
    println!("write as YAML              {write:9.3} ms");
}

/// The resources of a stack: what it is made of, and how often.
const STACK: &[(&str, usize)] = &[
    ("aws_vpc", 1),
    ("aws_subnet", 3),
    ("aws_security_group", 3),
    ("aws_kms_key", 1),
    ("aws_iam_role", 2),
    ("aws_iam_instance_profile", 1),
    ("aws_instance", 40),
    ("aws_db_instance", 4),
    ("aws_s3_bucket", 5),
    ("aws_lb", 1),
    ("aws_lambda_function", 10),
    ("aws_sqs_queue", 5),
    ("aws_ebs_volume", 4),
];

/// The attributes of a resource of a stack; names of others as `of` gives them.
fn attributes(kind: &str, stack: usize, ix: usize, of: &dyn Fn(&str, usize) -> String) -> String {
    let common = format!(
        r#""name":"{kind}-{stack}-{ix}","tags":{{"Name":"{kind}-{stack}-{ix}","team":"team-{stack}"}},"tags_all":{{"Name":"{kind}-{stack}-{ix}"}}"#
    );
    let own = match kind {
        "aws_subnet" => format!(r#","map_public_ip_on_launch":{},"vpc_id":{}"#, ix == 0, of("aws_vpc", 0)),
        "aws_security_group" => format!(
            r#","ingress":[{{"from_port":443,"to_port":443,"protocol":"tcp","cidr_blocks":["10.0.0.0/8"],"security_groups":[{}]}}],"vpc_id":{}"#,
            if ix == 0 { String::new() } else { of("aws_security_group", ix - 1) },
            of("aws_vpc", 0)
        ),
        "aws_iam_instance_profile" => format!(r#","role":{}"#, of("aws_iam_role", 0)),
        "aws_iam_role" => r#","assume_role_policy":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"ec2.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}""#.to_owned(),
        "aws_instance" => format!(
            r#","instance_type":"m5.large","monitoring":false,"metadata_options":[{{"http_tokens":"optional"}}],"root_block_device":[{{"encrypted":true,"kms_key_id":{}}}],"subnet_id":{},"vpc_security_group_ids":[{}],"iam_instance_profile":{}"#,
            of("aws_kms_key", 0),
            of("aws_subnet", ix % 3),
            of("aws_security_group", ix % 3),
            of("aws_iam_instance_profile", 0)
        ),
        "aws_db_instance" => format!(
            r#","engine":"postgres","storage_encrypted":{},"publicly_accessible":false,"backup_retention_period":7,"kms_key_id":{},"vpc_security_group_ids":[{}]"#,
            ix > 0,
            of("aws_kms_key", 0),
            of("aws_security_group", 2)
        ),
        "aws_lambda_function" => format!(r#","role":{},"environment":[{{"variables":{{"LEVEL":"info"}}}}]"#, of("aws_iam_role", 1)),
        "aws_lb" => format!(r#","internal":false,"security_groups":[{}],"subnets":[{}]"#, of("aws_security_group", 0), of("aws_subnet", 0)),
        "aws_sqs_queue" | "aws_ebs_volume" => format!(r#","kms_key_id":{}"#, of("aws_kms_key", 0)),
        _ => String::new(),
    };
    format!("{common}{own}")
}

/// Every resource of a number: its type, its stack, and its number among those of its type there.
fn all(resources: usize) -> impl Iterator<Item = (&'static str, usize, usize)> {
    let stack = STACK.iter().flat_map(|&(kind, many)| (0..many).map(move |ix| (kind, ix)));
    (0..).flat_map(move |number| stack.clone().map(move |(kind, ix)| (kind, number, ix))).take(resources)
}

/// A plan in which every stack is an instance of one module.
fn plan(resources: usize) -> String {
    let mut text = String::from(r#"{"format_version":"1.2","terraform_version":"1.11.4","resource_changes":["#);
    for (ix, (kind, stack, number)) in all(resources).enumerate() {
        let comma = if ix == 0 { "" } else { "," };
        let unknown = |_: &str, _: usize| "null".to_owned();
        let after = attributes(kind, stack, number, &unknown);
        let _ = write!(
            text,
            r#"{comma}{{"address":"module.stack[\"team-{stack:03}\"].{kind}.it[{number}]","module_address":"module.stack[\"team-{stack:03}\"]","mode":"managed","type":"{kind}","name":"it","index":{number},"provider_name":"registry/aws","change":{{"actions":["create"],"before":null,"after":{{{after}}},"after_unknown":{{"id":true,"arn":true,"kms_key_id":true,"tags":{{}},"tags_all":{{}}}},"before_sensitive":false,"after_sensitive":{{"tags":{{}},"tags_all":{{}}}}}}}}"#
        );
    }
    text.push_str(r#"],"configuration":{"root_module":{"module_calls":{"stack":{"source":"./m","expressions":{},"for_each_expression":{"references":["var.teams"]},"module":{"resources":["#);
    for (ix, (kind, _)) in STACK.iter().enumerate() {
        let comma = if ix == 0 { "" } else { "," };
        let to = |target: &str| format!(r#"{{"references":["{target}.it.id","{target}.it"]}}"#);
        let expressions = match *kind {
            "aws_subnet" | "aws_security_group" => format!(r#""vpc_id":{}"#, to("aws_vpc")),
            "aws_instance" => format!(
                r#""subnet_id":{},"vpc_security_group_ids":{},"iam_instance_profile":{},"root_block_device":[{{"kms_key_id":{}}}]"#,
                to("aws_subnet"),
                to("aws_security_group"),
                to("aws_iam_instance_profile"),
                to("aws_kms_key")
            ),
            "aws_db_instance" => format!(r#""kms_key_id":{},"vpc_security_group_ids":{}"#, to("aws_kms_key"), to("aws_security_group")),
            "aws_iam_instance_profile" | "aws_lambda_function" => format!(r#""role":{}"#, to("aws_iam_role")),
            "aws_lb" => format!(r#""security_groups":{},"subnets":{}"#, to("aws_security_group"), to("aws_subnet")),
            "aws_ebs_volume" => format!(r#""kms_key_id":{}"#, to("aws_kms_key")),
            _ => String::new(),
        };
        let _ = write!(
            text,
            r#"{comma}{{"address":"{kind}.it","mode":"managed","type":"{kind}","name":"it","expressions":{{{expressions}}}}}"#
        );
    }
    text.push_str("]}}}}}}");
    text
}

/// The same after it was applied: identifiers stand where expressions did.
fn state(resources: usize) -> String {
    let mut text = String::from(r#"{"format_version":"1.0","terraform_version":"1.11.4","values":{"root_module":{"resources":["#);
    for (ix, (kind, stack, number)) in all(resources).enumerate() {
        let comma = if ix == 0 { "" } else { "," };
        let id = |kind: &str, number: usize| format!(r#""{kind}-0000-{stack:04}-{number:04}""#);
        let values = attributes(kind, stack, number, &id);
        let _ = write!(
            text,
            r#"{comma}{{"address":"{kind}.it[\"{stack}-{number}\"]","mode":"managed","type":"{kind}","name":"it","values":{{"id":{},{values}}},"sensitive_values":{{}}}}"#,
            id(kind, number)
        );
    }
    text.push_str("]}}}");
    text
}

/// A table of edges between a quarter as many systems.
fn table(edges: usize) -> String {
    let mut text = String::from("from,to,kind\n");
    let systems = edges / 4 + 2;
    let mut dice = 7u64;
    for edge in 0..edges {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let from = edge % systems;
        let to = (from + 1 + (dice >> 33) as usize % (systems - 1)) % systems;
        let _ = writeln!(text, "package-{from:06},package-{to:06},depends");
    }
    text
}
