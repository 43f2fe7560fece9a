<?xml version="1.0" encoding="UTF-8"?>
<!--
  report.xsl - results.xml (reports/results.xsd) into the conformance report: one HTML file.

  The page: head, header, contents, sections in order. What every section uses is at the end.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
                xmlns:r="urn:cpis:results:1" exclude-result-prefixes="r">

<xsl:include href="overview.xsl"/>
<xsl:include href="findings.xsl"/>
<xsl:include href="judged.xsl"/>
<xsl:include href="ledger.xsl"/>

<xsl:output method="html" encoding="UTF-8" indent="no" doctype-system="about:legacy-compat"/>
<xsl:strip-space elements="*"/>

<!-- The content security policy, the style and the script it allows. -->
<xsl:param name="policy"/>
<xsl:param name="style"/>
<xsl:param name="script"/>

<!-- Most findings listed of a rule, links of a message, messages and cases; whether all findings are listed. -->
<xsl:param name="most-findings" select="1000000"/>
<xsl:param name="most-links" select="1000000"/>
<xsl:param name="most-subjects" select="1000000"/>
<xsl:param name="all-findings" select="'yes'"/>

<xsl:key name="findings" match="r:finding" use="@rule"/>
<xsl:key name="unlisted" match="r:unlisted" use="@rule"/>
<xsl:key name="fingerprint" match="r:finding" use="@fingerprint"/>
<xsl:key name="rule" match="r:rule" use="@id"/>
<xsl:key name="message" match="r:message" use="@n"/>
<xsl:key name="case" match="r:case" use="concat(@pack, ' ', @id)"/>

<!-- A line feed: so that two reports can be compared line by line. -->
<xsl:variable name="n" select="'&#10;'"/>
<xsl:variable name="results" select="/r:results"/>
<xsl:variable name="summary" select="/r:results/r:summary"/>
<xsl:variable name="of-packs" select="boolean(/r:results/r:case)"/>

<!-- If there are too many messages or cases, those that passed are left out. -->
<xsl:variable name="all-messages" select="count(/r:results/r:message) &lt;= $most-subjects"/>
<xsl:variable name="messages" select="/r:results/r:message[$all-messages or @verdict != 'pass'][position() &lt;= $most-subjects]"/>
<xsl:variable name="last-message" select="number($messages[last()]/@n)"/>
<xsl:variable name="all-cases" select="count(/r:results/r:case) &lt;= $most-subjects"/>
<xsl:variable name="cases" select="/r:results/r:case[$all-cases or not(@outcome = 'passed' or @outcome = 'left out')][position() &lt;= $most-subjects]"/>
<xsl:variable name="last-case" select="number($cases[last()]/@n)"/>

<xsl:template match="/r:results">
	<html lang="en-GB">
		<xsl:call-template name="head"/>
		<xsl:value-of select="$n"/>
		<body>
			<xsl:value-of select="$n"/>
			<a class="skip" href="#main">Skip to the verdict</a>
			<xsl:call-template name="header"/>
			<div class="page">
				<xsl:call-template name="contents"/>
				<xsl:value-of select="$n"/>
				<main id="main" tabindex="-1">
					<xsl:call-template name="verdict"/>
					<xsl:call-template name="identification"/>
					<xsl:call-template name="numbers"/>
					<xsl:call-template name="requirements"/>
					<xsl:call-template name="findings"/>
					<xsl:call-template name="judged"/>
					<xsl:call-template name="rules"/>
					<xsl:call-template name="changes"/>
					<xsl:call-template name="unchecked"/>
					<xsl:call-template name="words"/>
				</main>
			</div>
			<xsl:call-template name="footer"/>
			<xsl:value-of select="$n"/>
			<script><xsl:value-of select="$script"/></script>
		</body>
	</html>
</xsl:template>

<xsl:template name="head">
	<head>
		<xsl:value-of select="$n"/>
		<meta http-equiv="Content-Security-Policy" content="{$policy}"/>
		<xsl:value-of select="$n"/>
		<meta name="viewport" content="width=device-width, initial-scale=1"/>
		<meta name="color-scheme" content="light dark"/>
		<meta name="referrer" content="no-referrer"/>
		<meta name="generator" content="cpis {@tool}"/>
		<xsl:value-of select="$n"/>
		<title>
			<xsl:value-of select="$summary/r:headline"/>
			<xsl:text> CP-IS conformance report</xsl:text>
		</title>
		<xsl:value-of select="$n"/>
		<style><xsl:value-of select="$style"/></style>
	</head>
</xsl:template>

<xsl:template name="header">
	<xsl:value-of select="$n"/>
	<header class="masthead">
		<div class="masthead-inner">
			<span class="masthead-name">CP-IS conformance report</span>
			<xsl:if test="r:run/r:meta[@name = 'system']">
				<xsl:text> </xsl:text>
				<span class="masthead-about">
					<xsl:value-of select="r:run/r:meta[@name = 'system']"/>
					<xsl:if test="r:run/r:meta[@name = 'version']">
						<xsl:value-of select="concat(' ', r:run/r:meta[@name = 'version'])"/>
					</xsl:if>
				</span>
			</xsl:if>
		</div>
	</header>
	<xsl:value-of select="$n"/>
</xsl:template>

<xsl:template name="contents">
	<nav class="contents" aria-labelledby="contents">
		<p id="contents" class="contents-title">Contents</p>
		<ol>
			<xsl:call-template name="content"><xsl:with-param name="id">verdict</xsl:with-param></xsl:call-template>
			<xsl:call-template name="content"><xsl:with-param name="id">identification</xsl:with-param></xsl:call-template>
			<xsl:call-template name="content"><xsl:with-param name="id">numbers</xsl:with-param></xsl:call-template>
			<xsl:call-template name="content"><xsl:with-param name="id">requirements</xsl:with-param></xsl:call-template>
			<xsl:call-template name="content"><xsl:with-param name="id">findings</xsl:with-param></xsl:call-template>
			<xsl:call-template name="content"><xsl:with-param name="id">judged</xsl:with-param></xsl:call-template>
			<xsl:call-template name="content"><xsl:with-param name="id">rules</xsl:with-param></xsl:call-template>
			<xsl:call-template name="content"><xsl:with-param name="id">changes</xsl:with-param></xsl:call-template>
			<xsl:call-template name="content"><xsl:with-param name="id">unchecked</xsl:with-param></xsl:call-template>
			<xsl:call-template name="content"><xsl:with-param name="id">words</xsl:with-param></xsl:call-template>
		</ol>
	</nav>
</xsl:template>

<xsl:template name="content">
	<xsl:param name="id"/>
	<xsl:value-of select="$n"/>
	<li>
		<a href="#{$id}">
			<xsl:call-template name="section-title"><xsl:with-param name="id" select="$id"/></xsl:call-template>
		</a>
	</li>
</xsl:template>

<xsl:template name="section-title">
	<xsl:param name="id"/>
	<xsl:choose>
		<xsl:when test="$id = 'verdict'">Verdict</xsl:when>
		<xsl:when test="$id = 'identification'">What was tested</xsl:when>
		<xsl:when test="$id = 'numbers'">In numbers</xsl:when>
		<xsl:when test="$id = 'requirements'">Requirements</xsl:when>
		<xsl:when test="$id = 'findings'">Findings by rule</xsl:when>
		<xsl:when test="$id = 'judged' and $of-packs">Cases and messages</xsl:when>
		<xsl:when test="$id = 'judged'">Messages</xsl:when>
		<xsl:when test="$id = 'rules'">Rules checked</xsl:when>
		<xsl:when test="$id = 'changes'">Waivers and changes</xsl:when>
		<xsl:when test="$id = 'unchecked'">What was not checked</xsl:when>
		<xsl:otherwise>Words and symbols</xsl:otherwise>
	</xsl:choose>
</xsl:template>

<!-- The heading of a section; the section itself is labelled by it. -->
<xsl:template name="heading">
	<xsl:param name="id"/>
	<h2 id="{$id}-title">
		<xsl:call-template name="section-title"><xsl:with-param name="id" select="$id"/></xsl:call-template>
	</h2>
</xsl:template>

<xsl:template name="footer">
	<xsl:value-of select="$n"/>
	<footer class="footer">
		<p>
			<xsl:text>Written by cpis </xsl:text>
			<xsl:value-of select="@tool"/>
			<xsl:if test="@date">
				<xsl:text> on </xsl:text>
				<xsl:call-template name="date"/>
			</xsl:if>
			<xsl:text>. This report is one file: keep it, print it or send it as it is.</xsl:text>
		</p>
		<p><a href="#main">Back to the verdict</a></p>
	</footer>
</xsl:template>

<!-- 2027-01-31T12:00:00Z as "31 January 2027 at 12:00 UTC" -->
<xsl:template name="date">
	<xsl:variable name="months" select="'January   February  March     April     May       June      July      August    September October   November  December  '"/>
	<xsl:variable name="month" select="number(substring(@date, 6, 2))"/>
	<time datetime="{@date}">
		<xsl:value-of select="number(substring(@date, 9, 2))"/>
		<xsl:text> </xsl:text>
		<xsl:value-of select="normalize-space(substring($months, 10 * $month - 9, 10))"/>
		<xsl:text> </xsl:text>
		<xsl:value-of select="substring(@date, 1, 4)"/>
		<xsl:text> at </xsl:text>
		<xsl:value-of select="substring(@date, 12, 5)"/>
		<xsl:text> UTC</xsl:text>
	</time>
</xsl:template>

<!-- A status: always a symbol and a word, on a tint. -->
<xsl:template name="tag">
	<xsl:param name="status"/>
	<span class="tag tag-{translate($status, ' ', '-')}">
		<span class="symbol" aria-hidden="true">
			<xsl:call-template name="symbol"><xsl:with-param name="status" select="$status"/></xsl:call-template>
		</span>
		<xsl:call-template name="word"><xsl:with-param name="status" select="$status"/></xsl:call-template>
	</span>
</xsl:template>

<xsl:template name="symbol">
	<xsl:param name="status"/>
	<xsl:choose>
		<xsl:when test="$status = 'pass' or $status = 'passed'">&#x2713;</xsl:when>
		<xsl:when test="$status = 'fail' or $status = 'failed' or $status = 'error'">&#x2715;</xsl:when>
		<xsl:when test="$status = 'warning'">!</xsl:when>
		<xsl:when test="$status = 'info'">i</xsl:when>
		<xsl:when test="$status = 'broken'">#</xsl:when>
		<xsl:when test="$status = 'waived'">~</xsl:when>
		<xsl:when test="$status = 'expected'">=</xsl:when>
		<xsl:when test="$status = 'left out'">&#x2212;</xsl:when>
		<xsl:otherwise>?</xsl:otherwise>
	</xsl:choose>
</xsl:template>

<xsl:template name="word">
	<xsl:param name="status"/>
	<xsl:choose>
		<xsl:when test="$status = 'info'">note</xsl:when>
		<xsl:otherwise><xsl:value-of select="$status"/></xsl:otherwise>
	</xsl:choose>
</xsl:template>

<xsl:template name="plural">
	<xsl:param name="count"/>
	<xsl:param name="noun"/>
	<xsl:value-of select="concat(format-number($count, '#,##0'), ' ', $noun)"/>
	<xsl:if test="$count != 1">s</xsl:if>
</xsl:template>

<!-- The name of a message: a link where the message is listed. -->
<xsl:template match="r:message" mode="name">
	<xsl:choose>
		<xsl:when test="@n &lt;= $last-message and ($all-messages or @verdict != 'pass')">
			<a href="#m-{@n}"><xsl:value-of select="@source"/></a>
		</xsl:when>
		<xsl:otherwise><span class="source-name"><xsl:value-of select="@source"/></span></xsl:otherwise>
	</xsl:choose>
</xsl:template>

<!-- The name of a case, the same way. -->
<xsl:template match="r:case" mode="name">
	<xsl:param name="name" select="@id"/>
	<xsl:choose>
		<xsl:when test="@n &lt;= $last-case and ($all-cases or not(@outcome = 'passed' or @outcome = 'left out'))">
			<a href="#c-{@n}"><xsl:value-of select="$name"/></a>
		</xsl:when>
		<xsl:otherwise><xsl:value-of select="$name"/></xsl:otherwise>
	</xsl:choose>
</xsl:template>

<xsl:template name="more">
	<xsl:param name="count"/>
	<xsl:param name="noun"/>
	<xsl:if test="$count > 0">
		<xsl:value-of select="$n"/>
		<p class="more">
			<xsl:text>And </xsl:text>
			<xsl:call-template name="plural">
				<xsl:with-param name="count" select="$count"/>
				<xsl:with-param name="noun" select="concat('more ', $noun)"/>
			</xsl:call-template>
			<xsl:text>: see the results document (</xsl:text>
			<code>--report xml=results.xml</code>
			<xsl:text>).</xsl:text>
		</p>
	</xsl:if>
</xsl:template>

<!-- A row of a list of facts, if it has a value. -->
<xsl:template name="fact">
	<xsl:param name="name"/>
	<xsl:param name="value"/>
	<xsl:param name="class">words</xsl:param>
	<xsl:if test="string($value)">
		<xsl:value-of select="$n"/>
		<dt><xsl:value-of select="$name"/></dt>
		<dd class="{$class}"><xsl:value-of select="$value"/></dd>
	</xsl:if>
</xsl:template>

<!-- The anchor of a finding: f-FINGERPRINT, followed by its place if it is not the first with that fingerprint. -->
<xsl:template name="finding-id">
	<xsl:choose>
		<xsl:when test="not(@fingerprint)">
			<xsl:value-of select="concat('f-', ../@n, '-', @n)"/>
		</xsl:when>
		<xsl:when test="generate-id() = generate-id(key('fingerprint', @fingerprint)[1])">
			<xsl:value-of select="concat('f-', @fingerprint)"/>
		</xsl:when>
		<xsl:otherwise>
			<xsl:value-of select="concat('f-', @fingerprint, '-', ../@n, '-', @n)"/>
		</xsl:otherwise>
	</xsl:choose>
</xsl:template>

<!-- "line 41, column 24" -->
<xsl:template name="place">
	<xsl:choose>
		<xsl:when test="@line">
			<xsl:text>line </xsl:text>
			<xsl:value-of select="@line"/>
			<xsl:if test="@column">
				<xsl:text>, column </xsl:text>
				<xsl:value-of select="@column"/>
			</xsl:if>
		</xsl:when>
		<xsl:otherwise>the whole message</xsl:otherwise>
	</xsl:choose>
</xsl:template>

</xsl:stylesheet>
