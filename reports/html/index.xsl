<?xml version="1.0" encoding="UTF-8"?>
<!-- index.xsl - the first page of a site about many runs (report/index.c writes its document). -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
                xmlns:r="urn:cpis:results:1" exclude-result-prefixes="r">

<xsl:include href="page.xsl"/>

<xsl:key name="system" match="r:run" use="concat(@supplier, '&#10;', @system)"/>
<xsl:key name="pack" match="r:pack" use="@name"/>
<xsl:key name="requirement" match="r:requirement" use="concat(@pack, '&#10;', @id)"/>
<xsl:key name="requirements" match="r:requirement" use="@pack"/>

<!-- One run of each system, to go over the systems. -->
<xsl:variable name="systems" select="/r:index/r:run[generate-id() = generate-id(key('system', concat(@supplier, '&#10;', @system))[1])]"/>

<xsl:template match="/r:index">
	<html lang="en-GB">
		<xsl:call-template name="head">
			<xsl:with-param name="title">CP-IS conformance of systems</xsl:with-param>
			<xsl:with-param name="tool" select="@tool"/>
		</xsl:call-template>
		<xsl:value-of select="$n"/>
		<body class="alone site">
			<a class="skip" href="#main">Skip to the systems</a>
			<xsl:call-template name="masthead"><xsl:with-param name="name">CP-IS conformance of systems</xsl:with-param></xsl:call-template>
			<main id="main" tabindex="-1">
				<h1>
					<xsl:call-template name="plural"><xsl:with-param name="count" select="count($systems)"/><xsl:with-param name="noun">system</xsl:with-param></xsl:call-template>
					<xsl:text>, </xsl:text>
					<xsl:call-template name="plural"><xsl:with-param name="count" select="count(r:run)"/><xsl:with-param name="noun">run</xsl:with-param></xsl:call-template>
				</h1>
				<xsl:if test="r:damaged"><xsl:call-template name="damaged"/></xsl:if>
				<xsl:call-template name="now"/>
				<xsl:call-template name="by-requirement"/>
				<xsl:call-template name="by-version"/>
				<p class="certificate-note"><xsl:value-of select="concat('Made by cpis ', @tool, ' from results documents. It is about messages, and is not an approval by the publishers of CP-IS.')"/></p>
			</main>
		</body>
	</html>
</xsl:template>

<xsl:template name="damaged">
	<xsl:value-of select="$n"/>
	<section id="damaged" aria-labelledby="damaged-title">
		<xsl:call-template name="titled"><xsl:with-param name="id">damaged</xsl:with-param><xsl:with-param name="title">Not on this page</xsl:with-param></xsl:call-template>
		<p>These results documents are damaged, and are left out:</p>
		<ul class="spaced"><xsl:for-each select="r:damaged"><li><code><xsl:value-of select="@file"/></code><xsl:value-of select="concat(': ', .)"/></li></xsl:for-each></ul>
	</section>
</xsl:template>

<!-- "Careful Case Manager", or what stands for it -->
<xsl:template name="system-name">
	<xsl:choose>
		<xsl:when test="@system"><xsl:value-of select="@system"/></xsl:when>
		<xsl:otherwise>System not named</xsl:otherwise>
	</xsl:choose>
</xsl:template>

<xsl:template name="supplier-name">
	<xsl:choose>
		<xsl:when test="@supplier"><xsl:value-of select="@supplier"/></xsl:when>
		<xsl:otherwise>Supplier not named</xsl:otherwise>
	</xsl:choose>
</xsl:template>

<xsl:template name="run-tag">
	<xsl:call-template name="tag"><xsl:with-param name="status" select="@verdict"/></xsl:call-template>
	<xsl:if test="not(@evidence)"><span class="small muted">No supplier’s evidence</span></xsl:if>
</xsl:template>

<!-- The last run of each system. -->
<xsl:template name="now">
	<xsl:value-of select="$n"/>
	<section id="now" aria-labelledby="now-title">
		<xsl:call-template name="titled"><xsl:with-param name="id">now</xsl:with-param><xsl:with-param name="title">Latest run of each system</xsl:with-param></xsl:call-template>
		<div class="wide" tabindex="0" role="group" aria-labelledby="now-title">
			<table class="site-table">
				<caption>Suppliers and systems, with their latest run</caption>
				<thead><tr><th scope="col">System</th><th scope="col">Version</th><th scope="col">Tested on</th><th scope="col">Verdict</th><th scope="col" class="number">Passed</th><th scope="col" class="number">Requirements met</th><th scope="col">Report</th></tr></thead>
				<tbody>
					<xsl:for-each select="$systems">
						<xsl:sort select="@supplier"/>
						<xsl:sort select="@system"/>
						<xsl:for-each select="key('system', concat(@supplier, '&#10;', @system))">
							<xsl:sort select="@date"/>
							<xsl:sort select="@version"/>
							<xsl:if test="position() = last()">
								<xsl:value-of select="$n"/>
								<tr>
									<th scope="row"><a><xsl:attribute name="href"><xsl:text>#s-</xsl:text><xsl:call-template name="system-number"/></xsl:attribute><xsl:call-template name="system-name"/></a><span class="small muted"><xsl:call-template name="supplier-name"/></span></th>
									<td><xsl:value-of select="@version"/><xsl:if test="not(@version)">Not named</xsl:if></td>
									<td><xsl:choose><xsl:when test="@date"><xsl:call-template name="day"/></xsl:when><xsl:otherwise>Not recorded</xsl:otherwise></xsl:choose></td>
									<td><xsl:call-template name="run-tag"/></td>
									<td class="number"><xsl:call-template name="passed-of"/></td>
									<td class="number"><xsl:value-of select="concat(count(r:requirement[@outcome = 'passed']), ' of ', count(r:requirement))"/></td>
									<td><a href="{@report}">Report<span class="unseen"><xsl:text> of </xsl:text><xsl:call-template name="system-name"/><xsl:value-of select="concat(' ', @version)"/></span></a></td>
								</tr>
							</xsl:if>
						</xsl:for-each>
					</xsl:for-each>
				</tbody>
			</table>
		</div>
	</section>
</xsl:template>

<!-- "12 of 14 cases" -->
<xsl:template name="passed-of">
	<xsl:value-of select="concat(format-number(@passed, '#,##0'), ' of ')"/>
	<xsl:call-template name="plural"><xsl:with-param name="count" select="@all"/><xsl:with-param name="noun" select="@of"/></xsl:call-template>
</xsl:template>

<!-- The number of a system: that of its first run in the document. -->
<xsl:template name="system-number">
	<xsl:value-of select="count(key('system', concat(@supplier, '&#10;', @system))[1]/preceding-sibling::r:run) + 1"/>
</xsl:template>

<!-- A table for each pack: requirements down, systems across. -->
<xsl:template name="by-requirement">
	<xsl:if test="r:run/r:requirement">
		<xsl:value-of select="$n"/>
		<section id="requirements" aria-labelledby="requirements-title">
			<xsl:call-template name="titled"><xsl:with-param name="id">requirements</xsl:with-param><xsl:with-param name="title">By requirement</xsl:with-param></xsl:call-template>
			<p>The outcome in the latest run of each system with that pack.</p>
			<xsl:for-each select="r:run/r:pack[generate-id() = generate-id(key('pack', @name)[1])][key('requirements', @name)]">
				<xsl:sort select="@name"/>
				<xsl:variable name="pack" select="@name"/>
				<xsl:value-of select="$n"/>
				<h3 id="p-{position()}"><xsl:value-of select="@title"/></h3>
				<div class="wide" tabindex="0" role="group" aria-labelledby="p-{position()}">
					<table class="site-table matrix-table">
						<caption><xsl:value-of select="concat('Requirements of ', $pack, ', by system')"/></caption>
						<thead>
							<tr>
								<th scope="col">Requirement</th>
								<xsl:for-each select="$systems[key('system', concat(@supplier, '&#10;', @system))/r:pack/@name = $pack]">
									<xsl:sort select="@supplier"/>
									<xsl:sort select="@system"/>
									<th scope="col"><xsl:call-template name="system-name"/></th>
								</xsl:for-each>
							</tr>
						</thead>
						<tbody>
							<xsl:for-each select="key('requirements', $pack)[generate-id() = generate-id(key('requirement', concat(@pack, '&#10;', @id))[1])]">
								<xsl:variable name="id" select="@id"/>
								<xsl:value-of select="$n"/>
								<tr>
									<th scope="row"><code><xsl:value-of select="@id"/></code><span class="requirement-text small"><xsl:value-of select="r:text"/></span></th>
									<xsl:for-each select="$systems[key('system', concat(@supplier, '&#10;', @system))/r:pack/@name = $pack]">
										<xsl:sort select="@supplier"/>
										<xsl:sort select="@system"/>
										<td>
											<xsl:for-each select="key('system', concat(@supplier, '&#10;', @system))[r:pack/@name = $pack]">
												<xsl:sort select="@date"/>
												<xsl:sort select="@version"/>
												<xsl:if test="position() = last()">
													<xsl:variable name="outcome" select="r:requirement[@pack = $pack][@id = $id]/@outcome"/>
													<xsl:choose>
														<xsl:when test="$outcome"><xsl:call-template name="tag"><xsl:with-param name="status" select="string($outcome)"/></xsl:call-template></xsl:when>
														<xsl:otherwise><span class="muted">Not in its pack</span></xsl:otherwise>
													</xsl:choose>
												</xsl:if>
											</xsl:for-each>
										</td>
									</xsl:for-each>
								</tr>
							</xsl:for-each>
						</tbody>
					</table>
				</div>
			</xsl:for-each>
		</section>
	</xsl:if>
</xsl:template>

<!-- Each system over time: bars, and the table that says the same. -->
<xsl:template name="by-version">
	<xsl:value-of select="$n"/>
	<section id="versions" aria-labelledby="versions-title">
		<xsl:call-template name="titled"><xsl:with-param name="id">versions</xsl:with-param><xsl:with-param name="title">By version, over time</xsl:with-param></xsl:call-template>
		<p>Each bar is a run: what passed from the foot up, then what is open; what failed is at the top, and what is grey was waived or left out. The table has the same numbers.</p>
		<xsl:for-each select="$systems">
			<xsl:sort select="@supplier"/>
			<xsl:sort select="@system"/>
			<xsl:variable name="number"><xsl:call-template name="system-number"/></xsl:variable>
			<xsl:variable name="runs" select="key('system', concat(@supplier, '&#10;', @system))"/>
			<xsl:value-of select="$n"/>
			<article class="trend" aria-labelledby="s-{$number}">
				<h3 id="s-{$number}"><xsl:call-template name="system-name"/></h3>
				<p class="muted"><xsl:call-template name="supplier-name"/></p>
				<svg class="trend-bars" viewBox="0 0 {count($runs) * 40} 100" width="{count($runs) * 40}" height="100" aria-hidden="true">
					<xsl:for-each select="$runs">
						<xsl:sort select="@date"/>
						<xsl:sort select="@version"/>
						<xsl:variable name="all" select="@all + (@all = 0)"/>
						<xsl:variable name="good" select="round(100 * @passed div $all)"/>
						<xsl:variable name="bad" select="round(100 * @failed div $all)"/>
						<xsl:variable name="x" select="(position() - 1) * 40 + 4"/>
						<rect class="part" x="{$x}" y="0" width="32" height="100"></rect>
						<rect class="part part-failed" x="{$x}" y="0" width="32" height="{$bad}"></rect>
						<rect class="part part-not-run" x="{$x}" y="{100 - $good - round(100 * @open div $all)}" width="32" height="{round(100 * @open div $all)}"></rect>
						<rect class="part part-passed" x="{$x}" y="{100 - $good}" width="32" height="{$good}"></rect>
					</xsl:for-each>
				</svg>
				<div class="wide" tabindex="0" role="group" aria-labelledby="s-{$number}">
					<table class="site-table">
						<caption>Runs, oldest first</caption>
						<thead><tr><th scope="col">Version</th><th scope="col">Tested on</th><th scope="col">Packs</th><th scope="col">Verdict</th><th scope="col" class="number">Passed</th><th scope="col" class="number">Open</th><th scope="col" class="number">Failed</th><th scope="col">Report</th></tr></thead>
						<tbody>
							<xsl:for-each select="$runs">
								<xsl:sort select="@date"/>
								<xsl:sort select="@version"/>
								<xsl:value-of select="$n"/>
								<tr>
									<th scope="row"><xsl:value-of select="@version"/><xsl:if test="not(@version)">Not named</xsl:if></th>
									<td><xsl:choose><xsl:when test="@date"><xsl:call-template name="day"/></xsl:when><xsl:otherwise>Not recorded</xsl:otherwise></xsl:choose></td>
									<td><xsl:for-each select="r:pack"><span class="certificate-pack"><xsl:value-of select="concat(@name, ' ', @version)"/></span></xsl:for-each><xsl:if test="not(r:pack)">None</xsl:if></td>
									<td><xsl:call-template name="run-tag"/></td>
									<td class="number"><xsl:call-template name="passed-of"/></td>
									<td class="number"><xsl:value-of select="format-number(@open, '#,##0')"/></td>
									<td class="number"><xsl:value-of select="format-number(@failed, '#,##0')"/></td>
									<td><a href="{@report}">Report<span class="unseen"><xsl:text> of </xsl:text><xsl:call-template name="system-name"/><xsl:value-of select="concat(' ', @version, ' of ', @date)"/></span></a></td>
								</tr>
							</xsl:for-each>
						</tbody>
					</table>
				</div>
			</article>
		</xsl:for-each>
	</section>
</xsl:template>

</xsl:stylesheet>
