//! What the template deploys, as far as it costs money. It is read line by line: its form is the project's own.

use crate::error::BenchError;
use crate::functions::Function;

/// What costs money by the month or by its size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deployed {
    /// Memory of list-expired-amis.
    list_memory_mib: u32,
    /// Memory of the functions that say nothing of it.
    memory_mib: u32,
    /// Memory of assess, plan, execute and validate.
    process_memory_mib: u32,
    /// Memory of approve-page.
    page_memory_mib: u32,
    /// How long what a run wrote stays in the bucket.
    pub run_days: u32,
    /// How long logs are kept, where nobody says otherwise.
    pub log_days: u32,
    /// Alarms.
    pub alarms: u32,
}

impl Deployed {
    /// Reads a template.
    ///
    /// # Errors
    /// A figure is not where it is looked for.
    pub fn read(template: &str) -> Result<Self, BenchError> {
        let figure = |under: &str, name: &str| {
            let mut lines = template.lines().skip_while(|line| line.trim_end() != under);
            let value = lines.find_map(|line| line.trim().strip_prefix(name)?.strip_prefix(':'));
            let number = value.and_then(|value| value.trim().trim_matches('"').parse().ok());
            number.ok_or_else(|| BenchError::unexpected(format!("the template has no {name} under {under}")))
        };
        let alarms = template.lines().filter(|line| line.trim() == "Type: AWS::CloudWatch::Alarm").count();
        Ok(Self {
            list_memory_mib: figure("  ListExpiredAmisFunction:", "MemorySize")?,
            memory_mib: figure("Globals:", "MemorySize")?,
            process_memory_mib: figure("  AssessFunction:", "MemorySize")?,
            page_memory_mib: figure("  ApprovePageFunction:", "MemorySize")?,
            run_days: figure("  Bucket:", "ExpirationInDays")?,
            log_days: figure("  LogRetentionDays:", "Default")?,
            alarms: u32::try_from(alarms).unwrap_or(u32::MAX),
        })
    }

    /// The memory of a function.
    #[must_use]
    pub fn memory_mib(&self, function: Function) -> u32 {
        match function {
            Function::List => self.list_memory_mib,
            Function::Assess | Function::Plan | Function::Execute | Function::Validate => self.process_memory_mib,
            Function::ApprovePage => self.page_memory_mib,
            Function::Deregister | Function::DeleteSnapshot | Function::Restore | Function::Approve => self.memory_mib,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_figure_is_found_under_its_own_heading() {
        let template = "\
Parameters:
  LogRetentionDays:
    Default: 90
Globals:
  Function:
    MemorySize: 256
Resources:
  ListExpiredAmisFunction:
    Properties:
      MemorySize: 512
  AssessFunction:
    Properties:
      MemorySize: 384
  ApprovePageFunction:
    Properties:
      MemorySize: 128
  Bucket:
    Properties:
          - Id: x
            ExpirationInDays: 400
  RunFailedAlarm:
    Type: AWS::CloudWatch::Alarm
";
        let expected = Deployed {
            list_memory_mib: 512,
            memory_mib: 256,
            process_memory_mib: 384,
            page_memory_mib: 128,
            run_days: 400,
            log_days: 90,
            alarms: 1,
        };
        assert_eq!(Deployed::read(template).unwrap(), expected);
        assert!(Deployed::read("Globals:\n").is_err());
    }
}
