//! A team's tables: one answer for each table, whatever the key.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use sunset_aws::observe::TeamTables;

/// What a table answers.
#[derive(Debug, Clone)]
pub enum Answer {
    /// This item, in DynamoDB's own JSON.
    Item(&'static str),
    /// No item.
    Nothing,
    /// This error.
    Error(&'static str),
}

/// The names that tests give the tables.
pub fn teams() -> TeamTables {
    TeamTables { tracking: "tracking".into(), dependencies: "dependencies".into() }
}

/// A client of two tables, and the requests that they got.
pub fn tables(tracking: Answer, dependencies: Answer) -> (Client, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let answers = BTreeMap::from([("tracking", tracking), ("dependencies", dependencies)]);
    let asked = Arc::new(Mutex::new(Vec::new()));
    let journal = Arc::clone(&asked);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            serve(stream.unwrap(), &answers, &journal);
        }
    });
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(Credentials::new("AKIDEXAMPLE", "secret", None, None, "test"))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .endpoint_url(format!("http://{address}"));
    (Client::from_conf(config.build()), asked)
}

fn serve(mut stream: TcpStream, answers: &BTreeMap<&str, Answer>, journal: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let body = String::from_utf8(body).unwrap();
    let table = answers.iter().find(|(name, _)| body.contains(&format!(r#""TableName":"{name}""#)));
    journal.lock().unwrap().push(body.clone());
    let (status, body) = match table.map(|(_, answer)| answer) {
        Some(Answer::Item(item)) => (200, format!(r#"{{"Item":{item}}}"#)),
        Some(Answer::Nothing) => (200, "{}".to_owned()),
        Some(Answer::Error(code)) => (400, format!(r#"{{"__type":"com.amazonaws.dynamodb#{code}","message":"no"}}"#)),
        None => (400, r#"{"__type":"com.amazonaws.dynamodb#ResourceNotFoundException"}"#.to_owned()),
    };
    let head = format!(
        "HTTP/1.1 {status} .\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all((head + &body).as_bytes()).unwrap();
}
